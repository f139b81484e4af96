"""The list of jobs: membership, order, limits and pages."""

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import parameter_of
from vidspec.conformance.samples import unknown_id
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.contract import JobView, Operation, Parameter
from vidspec.source import pointer_get

_MOST_PAGES = 20


@scenario(
    "list",
    """list-contains-new list-no-duplicates list-first list-last list-same-as-retrieve
    list-invalid-query list-limit-maximum list-order-unknown""",
)
def whole_list(session: Session) -> None:
    """Walk the list until the jobs of the pool are found, and look at the first page."""
    listing = session.operation("list")
    wanted = {job.id for job in session.pool.values()}
    if not wanted:
        message = "there is no job to look for"
        raise Missing(message)
    _invalid_query(session, listing)
    first = session.call("list")
    views = views_of(first)
    ids = [view.id for view in views]
    doubles = sorted({i for i in ids if i is not None and ids.count(i) > 1})
    session.judge("list-no-duplicates", not doubles, "each id once", ", ".join(doubles), first)
    _edges(session, listing, first, ids)
    missing = wanted - set(ids)
    if missing:
        missing = _walk(session, listing, missing, ids)
    expected, received = f"{', '.join(sorted(wanted))}", f"not {', '.join(sorted(missing))}"
    session.judge("list-contains-new", not missing, expected, received, first)
    _same_job(session, views, first)


@scenario(
    "pages",
    """list-limit list-page-size list-cursor list-page list-has-more list-cursor-unknown list-end
    list-page-beyond""",
)
def pages(session: Session) -> None:
    """Ask for one job at a time."""
    listing = session.operation("list")
    size = parameter_of(listing, "limit") or parameter_of(listing, "page_size")
    known = [view.id for view in views_of(session.call("list")) if view.id]
    if len(known) < 2 or size is None:
        message = "the list does not show two jobs" if size else "the list has no page size"
        raise Missing(message)
    one = session.call("list", query={size.name: "1"})
    count = len(views_of(one))
    limit = "list-limit" if parameter_of(listing, "limit") else "list-page-size"
    session.judge(limit, count <= 1, "one job at most", f"{count} jobs", one)
    paging = listing.paging
    if paging and paging.has_more is not None and count == 1:
        flag = pointer_get(one.json, paging.has_more, None)
        session.judge("list-has-more", flag is True, "true", repr(flag), one)
    cursor, page = parameter_of(listing, "cursor"), parameter_of(listing, "page")
    if cursor is not None:
        after = session.call("list", query={size.name: "1", cursor.name: known[0]})
        second = next((view.id for view in views_of(after)), None)
        if session.judge("list-cursor", second == known[1], known[1], f"{second}", after):
            _ends(session, listing, cursor.name, known)
    elif page is not None and count == 1:
        turned = session.call("list", query={size.name: "1", page.name: "2"})
        second = next((view.id for view in views_of(turned)), None)
        if session.judge("list-page", second == known[1], known[1], f"{second}", turned):
            _beyond(session, page, known)


def _beyond(session: Session, page: Parameter, known: list[str]) -> None:
    last = str(page.schema.get("maximum", 1000))
    beyond = session.call("list", query={page.name: last}, status_judged=True)
    repeated = {view.id for view in views_of(beyond)} & set(known) if beyond.accepted else set()
    received = ", ".join(map(str, repeated)) or beyond.said()
    if beyond.status < 500:
        session.judge(
            "list-page-beyond", not repeated, "no job of the first page", received, beyond
        )


def _ends(session: Session, listing: Operation, cursor: str, known: list[str]) -> None:
    """Ask for what comes behind a job that is not there, and behind the newest."""
    stranger = unknown_id(session.dialect, session.surface)
    strange = session.call("list", query={cursor: stranger}, status_judged=True)
    repeated = {v.id for v in views_of(strange)} & set(known) if strange.accepted else set()
    received = ", ".join(map(str, repeated)) or strange.said()
    session.judge(
        "list-cursor-unknown", not repeated, "no job of the first page", received, strange
    )
    way, paging = parameter_of(listing, "order"), listing.paging
    if way is None or paging is None or paging.has_more is None:
        return
    query = {cursor: known[0], way.name: "asc"}
    behind = session.call("list", query=query)
    if views_of(behind):
        session.cannot("list-end", "others made jobs in the meantime", "not_reached")
        return
    flag = pointer_get(behind.json, paging.has_more, None)
    session.judge("list-end", flag is False, "false", repr(flag), behind)


def order(session: Session) -> None:
    """List in both orders; only jobs with different creation times are compared."""
    listing = session.operation("list")
    name = parameter_of(listing, "order")
    if name is None:
        message = "the list takes no order"
        raise Missing(message)
    orders = {word: session.call("list", query={name.name: word}) for word in ("asc", "desc")}
    known = {job.id for job in session.pool.values() if not job.deleted}
    rising = [view for view in views_of(orders["asc"]) if view.id in known]
    falling = [view for view in views_of(orders["desc"]) if view.id in known]
    times = [view.times.get("created_at") for view in rising]
    if len(rising) < 2 or len({t for t in times if t is not None}) < 2:
        reversed_ids = [view.id for view in reversed(falling)]
        if len(rising) > 1 and [view.id for view in rising] == reversed_ids:
            session.judge("list-order", True, "", "", orders["asc"])
            return
        message = "the jobs of the pool were all made in the same second"
        raise Missing(message)
    for word, views in (("asc", rising), ("desc", falling)):
        stamps = [t for view in views if (t := view.times.get("created_at")) is not None]
        fits = stamps == sorted(stamps, reverse=word == "desc")
        shown = ", ".join(f"{view.id} {view.times.get('created_at')}" for view in views)
        expected = "oldest first" if word == "asc" else "newest first"
        session.judge("list-order", fits, expected, shown, orders[word])


def views_of(reply: Reply) -> list[JobView]:
    """Return the jobs of a list reply; raise Missing if it has no array of jobs."""
    if not reply.accepted or not isinstance(_items(reply), list):
        message = f"the list was answered with {reply.said()} and no array of jobs"
        raise Missing(message)
    return reply.views()


def _items(reply: Reply) -> object:
    pointer = reply.operation.items if reply.operation else None
    return None if pointer is None else pointer_get(reply.json, pointer, None)


def _edges(session: Session, listing: Operation, reply: Reply, ids: list[str | None]) -> None:
    paging = listing.paging
    if paging is None or not ids:
        return
    for requirement, pointer, id_ in (
        ("list-first", paging.first, ids[0]),
        ("list-last", paging.last, ids[-1]),
    ):
        if pointer is not None:
            said = pointer_get(reply.json, pointer, None)
            session.judge(requirement, said == id_, f"{id_}", f"{said}", reply)


def _walk(
    session: Session, listing: Operation, missing: set[str], ids: list[str | None]
) -> set[str]:
    cursor, page = parameter_of(listing, "cursor"), parameter_of(listing, "page")
    seen = set(ids)
    for number in range(2, _MOST_PAGES):
        if cursor is not None and ids and ids[-1]:
            query = {cursor.name: ids[-1]}
        elif page is not None:
            query = {page.name: str(number)}
        else:
            return missing
        ids = [view.id for view in views_of(session.call("list", query=query))]
        missing = missing - set(ids)
        if not missing or not ids or set(ids) <= seen:
            return missing
        seen |= set(ids)
    return missing


def _same_job(session: Session, views: list[JobView], reply: Reply) -> None:
    job = session.job("first")
    listed = next((view for view in views if view.id == job.id), None)
    watch = session.observer.watches.get(job.id)
    if listed is None:
        session.cannot("list-same-as-retrieve", "the first page does not show the job")
        return
    if watch is None or not watch.created:
        reason = "no look at the job showed a time of creation that reads as one"
        session.cannot("list-same-as-retrieve", reason)
        return
    created = listed.times.get("created_at")
    times = {*watch.created, job.created.job().times.get("created_at")}
    fits = created in times
    expected = f"created at {watch.created[0]}"
    session.judge("list-same-as-retrieve", fits, expected, f"created at {created}", reply)
    if watch.last.terminal and listed.state != "unknown":
        fits = listed.state == watch.last.state
        session.judge("list-same-as-retrieve", fits, watch.last.state, listed.state, reply)


def _invalid_query(session: Session, listing: Operation) -> None:
    size = parameter_of(listing, "limit") or parameter_of(listing, "page_size")
    if size is None:
        session.cannot("list-invalid-query", "the list takes no size", "unsupported")
        return
    wrong = [("list-invalid-query", size.name, "many")]
    most = size.schema.get("maximum")
    if isinstance(most, int):
        wrong.append(("list-limit-maximum", size.name, str(most + 1)))
    else:
        session.cannot("list-limit-maximum", "no maximum is documented", "unsupported")
    if (order := parameter_of(listing, "order")) is not None:
        wrong.append(("list-order-unknown", order.name, "sideways"))
    for requirement, name, value in wrong:
        reply = session.call("list", query={name: value}, status_judged=True)
        if reply.status < 500:
            documented = session.expected_status("invalid_request", "list")
            session.judge(requirement, reply.refused, f"{documented}", reply.said(), reply)
