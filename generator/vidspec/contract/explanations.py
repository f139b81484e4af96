"""What each rule demands whose breach ``vidspec lint`` tells, by the slug that stands in brackets: for ``vidspec explain``."""

from typing import Final

_YAML: Final = {
    "json-syntax": "A file that ends in .json is JSON, not only YAML.",
    "yaml-alias": "Aliases neither contain themselves nor multiply into thousands of values.",
    "yaml-boolean": "yes, no, on and off are quoted: readers disagree whether they are true, false or text.",
    "yaml-control-character": "A file holds no control characters.",
    "yaml-depth": "Values are not nested deeper than any document needs.",
    "yaml-documents": "A file holds one document.",
    "yaml-duplicate-key": "A key stands once: which of two values counts is up to the reader.",
    "yaml-empty": "A file says something.",
    "yaml-encoding": "A file is text in UTF-8.",
    "yaml-key": "A key is a string.",
    "yaml-merge-key": "Members are written out: not every reader knows merge keys.",
    "yaml-number": "A number is written as JSON writes it; other spellings mean other things to other readers.",
    "yaml-size": "A file is not larger than what can be read in bounded time.",
    "yaml-syntax": "A file is YAML.",
    "yaml-tab": "Indentation is made of spaces.",
    "yaml-tag": "Values are plain: a tag may make a reader run something.",
}
_REFERENCES: Final = {
    "ref-absolute": "A reference is a relative path.",
    "ref-cycle": "References lead to a value in the end.",
    "ref-file": "The file that a reference names is there.",
    "ref-id": "No schema has an $id: it would change what every reference below it means.",
    "ref-kind": "A reference leads to an object of the kind that is expected where it stands.",
    "ref-outside": "References stay in the specification's folder.",
    "ref-path-item": "A path item does not contain itself, nor too many others in each other.",
    "ref-pointer": "The value that a reference names is there.",
    "ref-remote": "References lead to files: nothing is fetched.",
    "ref-size": "A document does not grow out of bounds as its references are put in.",
    "ref-type": "The reference of a path item leads to an object.",
    "schema-cycle": "No schema is made of itself. (It may contain itself, one level down.)",
    "schema-depth": "Schemas are not made of each other without end.",
    "schema-size": "A schema is not made of thousands of others.",
}
_OPENAPI: Final = {
    "example-external": "An example stands in the document: nothing is fetched.",
    "json-schema": "A schema is one of JSON Schema 2020-12.",
    "openapi": "openapi-spec-validator has nothing against the document.",
    "openapi-document": "A document is an object.",
    "openapi-schema": "A document has the structure that OpenAPI 3.1 demands.",
    "openapi-version": "A document says openapi: 3.1.x.",
    "parameter-duplicate": "A parameter stands once among its like.",
    "path-duplicate": "Paths differ by more than the names in braces.",
    "path-parameter": "What stands in braces in a path is declared as a parameter, and the reverse.",
    "responses": "An operation says how it is answered.",
    "schema-default": "A default fits its schema.",
}
_OVERLAYS: Final = {
    "overlay-action": "An action has a target, and an update or a removal.",
    "overlay-actions": "An overlay does something.",
    "overlay-document": "An overlay is an object.",
    "overlay-extends": "extends names the document that the overlay is for.",
    "overlay-info": "An overlay has a title and a version.",
    "overlay-key": "An overlay has no keys but those of the Overlay specification.",
    "overlay-no-match": "A target matches something: one of yesterday's document would change nothing, in silence.",
    "overlay-ref": "References lead somewhere after the actions, too.",
    "overlay-size": "An overlay does not write without end.",
    "overlay-target": "A target is a JSONPath into the document, which ends in bounded time.",
    "overlay-update": "An update is of the kind of its target.",
    "overlay-version": "An overlay says overlay: 1.0.x.",
    "gateway": "A gateway's file has the shape that spec/meta/gateway.schema.yaml gives it.",
    "gateway-dialect": "The dialect of a gateway is one that the specification holds.",
    "gateway-name": "A gateway's name is that of its file.",
    "gateway-overlay": "A profile names an overlay that is there, and each overlay is named by one.",
}
_EXTENSIONS: Final = {
    "lifecycle": "lifecycle.yaml has the shape that spec/meta/lifecycle.schema.yaml gives it.",
    "lifecycle-next": "A state is followed by states that exist.",
    "lifecycle-terminal": "What is terminal is so in the lifecycle and in its states alike.",
    "requirement": "A chapter of requirements has the shape that spec/meta/requirement.schema.yaml gives it.",
    "requirement-id": "A requirement's id is its own, and begins with its chapter.",
    "requirement-level": "A requirement's sentence has the word of its level.",
    "x-video-dialect": "A document says which dialect it is, in the shape that spec/meta gives x-video-dialect.",
    "x-video-operation": "Each operation says what it does to a job (role: other, if nothing).",
    "x-video-parameter": "A parameter's meaning is one of the canonical ones.",
}
_JOBS: Final = {
    "job-pointer": "The places of a job's fields are in the schema of the job.",
    "job-unit": "A field that is a time says its unit.",
    "result-endpoint": "A surface whose results come from an endpoint has an operation with the role content.",
    "result-pointer": "The place of a result is in the schema of the job.",
    "status-enum": "A job's schema lists its status words.",
    "status-total": "Each status word has a canonical state, and no word has one that is not in the schema.",
    "surface-default": "One of several surfaces is the default.",
    "surface-roles": "A surface has an operation that retrieves a job.",
    "surface-unknown": "The surface of an operation is one that the dialect has.",
    "time-bounds": "An integer that is a time has bounds: seconds must not pass for milliseconds.",
}
_OPERATIONS: Final = {
    "credentials-scheme": "Credentials name a security scheme that the document has.",
    "operation-id": "An operation's id is its own.",
    "operation-summary": "An operation has a summary: it becomes its docstring.",
    "paid-tag": "What costs money has the tag 'paid' and says paid: true, or neither.",
    "role-address": "An operation on a job has a parameter that means the job.",
    "role-create": "An operation that creates a job takes a body.",
    "role-items": "An operation that lists says where the items stand.",
    "role-paging": "An operation that pages has the parameters that it pages by.",
    "role-prices": "Prices stand where they are said to, and depend on what a paid request says.",
    "role-variants": "An operation with variants has a parameter that chooses one.",
    "security-scheme": "An operation names a security scheme that the document has.",
    "servers": "A document names a server.",
    "link-expression": "What a link takes from a reply is in the schema of the reply.",
    "link-missing": "What creates a job links to what retrieves it.",
    "link-parameter": "A link feeds parameters that its target has.",
    "link-target": "A link leads to an operation that exists.",
}
_REPLIES: Final = {
    "body-schema": "A body of JSON has a schema.",
    "cause-body": "The body of a cause fits the schema of the reply that carries it.",
    "cause-status": "An operation lists each status that its causes give.",
    "error-body": "A reply that is an error says what it carries.",
    "example-missing": "Bodies and replies have examples: the mock plays them, the documentation shows them.",
    "example-placeholder": "An example looks like the real thing.",
    "example-schema": "An example fits its schema.",
    "example-state": "There is an example of a job in each state that it may be in.",
    "status-default": "Statuses are named: a default reply says nothing about any of them.",
    "status-range": "Only server errors are documented as a range.",
    "status-server-error": "An operation documents 5XX.",
    "status-success": "An operation documents its success.",
}

#: Slug of a rule → what it demands.
RULES: Final = (
    _YAML | _REFERENCES | _OPENAPI | _OVERLAYS | _EXTENSIONS | _JOBS | _OPERATIONS | _REPLIES
)
