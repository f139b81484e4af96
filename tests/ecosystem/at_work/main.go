// Clients that oapi-codegen made of the bundled documents: a video's life at os.Args[1] (openai) and os.Args[2] (openrouter).
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"peer/openai"
	"peer/openrouter"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func key(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer sk-any")
	return nil
}

func main() {
	ctx := context.Background()
	a, err := openai.NewClientWithResponses(os.Args[1], openai.WithRequestEditorFn(key))
	check(err)
	made, err := a.CreateVideoWithResponse(ctx, openai.CreateVideoJSONRequestBody{Prompt: "a kite"})
	check(err)
	video := made.JSON200
	for i := 0; i < 200 && video.Status != "completed"; i++ {
		time.Sleep(50 * time.Millisecond)
		got, err := a.GetVideoWithResponse(ctx, video.Id)
		check(err)
		video = got.JSON200
	}
	film, err := a.RetrieveVideoContentWithResponse(ctx, video.Id, &openai.RetrieveVideoContentParams{})
	check(err)
	fmt.Println(video.Status, string(film.Body[4:8]))

	b, err := openrouter.NewClientWithResponses(os.Args[2], openrouter.WithRequestEditorFn(key))
	check(err)
	prompt := "a kite"
	job, err := b.CreateVideosWithResponse(ctx, nil, openrouter.VideoGenerationRequest{Model: "google/veo-3.1", Prompt: &prompt})
	check(err)
	told := job.JSON202
	for i := 0; i < 200 && told.Status != "completed"; i++ {
		time.Sleep(50 * time.Millisecond)
		got, err := b.GetVideosWithResponse(ctx, told.Id)
		check(err)
		told = got.JSON200
	}
	clip, err := b.ListVideosContentWithResponse(ctx, told.Id, nil)
	check(err)
	fmt.Println(told.Status, string(clip.Body[4:8]))
}
