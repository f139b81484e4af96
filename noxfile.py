"""Sessions: ``nox -s tests`` is the gate, ``nox -s demo`` shows the main job. ``nox -l`` lists the rest."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import nox

nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
#: What more than one session, or a table in the README, speaks of has its version in one place.
PINS: dict[str, Any] = json.loads((ROOT / "tests" / "ecosystem" / "pins.json").read_text())
OPENAI = next(p for p in PYPROJECT["dependency-groups"]["tests"] if str(p).startswith("openai=="))
CHECKED_WITH = ("@redocly/cli", "@stoplight/prism-cli")
PYRIGHT = "pyright@1.1.414"
MOCKS = ("@stoplight/prism-cli", "@stdy/cli", "@copilotkit/aimock")
NODE_CLIENTS = (
    "openai@7.57.0", "@openrouter/sdk@1.3.19", "ai@7.0.173", "@openrouter/ai-sdk-provider@3.1.0",
    "kling-api@1.0.0",
)  # fmt: skip
LITELLM = "litellm[proxy]==1.106.2"
OPENAI_SUITE_NEEDS = (
    "pytest", "pytest-asyncio", "pytest-xdist", "respx", "dirty-equals", "time-machine", "rich",
    "aiohttp", "httpx-aiohttp",
)  # fmt: skip


def install(session: nox.Session, *groups: str, extra: tuple[str, ...] = ()) -> None:
    """Install the checkout (editable) with dependency groups, held by the constraints file."""
    wanted = nox.project.dependency_groups(PYPROJECT, *groups) if groups else ()
    session.install("-e", ".", "-c", "constraints.txt", *wanted, *extra)


def check_style(session: nox.Session) -> None:
    """Ruff, the import order, and our own rules for the specification."""
    session.run("ruff", "check", ".", silent=True)
    session.run("ruff", "format", "--check", ".", silent=True)
    session.run("lint-imports", "--no-cache", silent=True)
    session.run("vidspec", "lint")


def check_types(session: nox.Session) -> None:
    """Run mypy --strict over toolkit, emitted code, tests and this file."""
    session.run("mypy")


def check_drift(session: nox.Session) -> None:
    """Emit everything afresh and compare it with generated/."""
    session.run("vidspec", "generate", "--check", "--no-cache")


@nox.session
def tests(session: nox.Session) -> None:
    """Lint, types, drift and every test: green means green."""
    install(session, "lint", "typing", "tests")
    check_style(session)
    check_types(session)
    check_drift(session)
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, import-linter, and the lint of the specification."""
    install(session, "lint")
    check_style(session)


@nox.session
def typing(session: nox.Session) -> None:
    """Run mypy --strict over toolkit, emitted code and tests."""
    install(session, "typing")
    check_types(session)


@nox.session
def drift(session: nox.Session) -> None:
    """Say whether generated/ is what spec/ says."""
    install(session)
    check_drift(session)


@nox.session
def generate(session: nox.Session) -> None:
    """Write generated/ anew."""
    install(session)
    session.run("vidspec", "generate", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Show the main job: lint, generate, mock, a video through the emitted client, the verdict."""
    install(session)
    session.run("vidspec", "lint")
    session.run("vidspec", "generate")
    session.run("vidspec", "demo", "--output", "demo", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Try many new hostile documents; then the reader under a coverage-guided fuzzer, for a minute."""
    install(session, "tests", "fuzz")
    session.run(
        "pytest", "tests/fuzz", "tests/emit/test_hostile_positions.py",
        env={"VIDSPEC_FUZZ": "10"},
    )  # fmt: skip
    with session.chdir(session.create_tmp()):  # an input that crashes it is left here
        session.run("python", str(ROOT / "tests/fuzz/atheris_reader.py"), "-max_total_time=60")


@nox.session
def conform(session: nox.Session) -> None:
    """Judge the mock of every dialect by every requirement, schemathesis included, and once in depth."""
    install(session, "tests")
    session.run(
        "pytest",
        "tests/conformance",
        "-m",
        "not interop and not ecosystem",
        "-n",
        "auto",
        *session.posargs,
    )


@nox.session
def mutation(session: nox.Session) -> None:
    """Break every requirement in every dialect's mock: each must be noticed by its own check alone."""
    install(session, "tests")
    session.run("python", "-m", "mutation", *session.posargs, env={"PYTHONPATH": "tests"})


def side_environment(session: nox.Session, name: str, *packages: str) -> Path:
    """Make a virtual environment for software whose pins do not fit beside ours; return its Python."""
    home = Path(session.create_tmp()).resolve() / name
    python = home / "bin" / "python"
    if not python.exists():
        session.run("python", "-m", "venv", str(home))
    session.run(str(python), "-m", "pip", "install", "-q", *packages, external=True)
    return python


@nox.session
def interop(session: nox.Session) -> None:
    """Run clients we did not write against the mock: SDKs, their own suites, proxies."""
    install(session, "tests", "interop")
    suite = Path(session.create_tmp()).resolve() / "suite"
    shutil.rmtree(suite, ignore_errors=True)
    suite.mkdir(parents=True)
    python = side_environment(session, "openai", OPENAI, *OPENAI_SUITE_NEEDS)
    session.run(
        str(python), "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "openai",
        "-d", str(suite), OPENAI, external=True,
    )  # fmt: skip
    with tarfile.open(next(suite.glob("openai-*.tar.gz"))) as archive:
        archive.extractall(suite, filter="data")
    litellm = side_environment(session, "litellm", LITELLM)
    tools = Path(session.create_tmp()).resolve() / "npm"
    tools.mkdir(exist_ok=True)
    session.run(
        "npm", "install", "--no-audit", "--no-fund", "--prefix", str(tools), PYRIGHT,
        *npm_pins(*CHECKED_WITH), external=True,
    )  # fmt: skip
    clients = Path(session.create_tmp()).resolve() / "clients"
    clients.mkdir(exist_ok=True)
    session.run(
        "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(clients),
        *NODE_CLIENTS, external=True,
    )  # fmt: skip
    session.run(
        "pytest", "-m", "interop", "-n", "0", *session.posargs,
        env={
            "VIDSPEC_OPENAI_SUITE": str(next(p for p in suite.glob("openai-*") if p.is_dir())),
            "VIDSPEC_OPENAI_PYTHON": str(python),
            "VIDSPEC_LITELLM": str(litellm),
            "VIDSPEC_REDOCLY": str(tools / "node_modules" / ".bin" / "redocly"),
            "VIDSPEC_PYRIGHT": str(tools / "node_modules" / ".bin" / "pyright"),
            "VIDSPEC_NODE_CLIENTS": str(clients),
            "VIDSPEC_PRISM": str(tools / "node_modules" / ".bin" / "prism"),
        },
    )  # fmt: skip


def gather_pages(pages: Path) -> None:
    """Put docs/ and the pages of the root into one folder, so that their links to each other hold."""
    shutil.rmtree(pages, ignore_errors=True)
    ours = shutil.ignore_patterns("mkdocs.yml", "mkdocs_hook.py", "*.json")
    shutil.copytree(ROOT / "docs", pages / "docs", ignore=ours)
    (pages / "spec" / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "spec/requirements/README.md", pages / "spec/requirements")
    for page in (*ROOT.glob("*.md"), ROOT / ".pre-commit-hooks.yaml"):
        shutil.copy(page, pages)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation as a static site in site/, links checked; then hold the site against its rules."""
    install(session, "docs", "tests")
    pages = Path(session.create_tmp()).resolve() / "pages"
    gather_pages(pages)
    site = ROOT / "site"
    session.run(
        "mkdocs", "build", "--strict", "-q", "-f", "docs/mkdocs.yml",
        env={"VIDSPEC_PAGES": str(pages), "VIDSPEC_SITE": str(site)},
    )  # fmt: skip
    session.run(
        "pytest", "-m", "interop", "tests/docs/test_site.py", env={"VIDSPEC_SITE": str(site)}
    )


@nox.session
def audit(session: nox.Session) -> None:
    """Ask the advisory service about every pinned dependency; fails if one is known to be weak, or it cannot be asked."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "audit"), "-c", "constraints.txt")
    session.run("python", "tests/release/audit.py")


def npm_pins(*names: str) -> list[str]:
    """Return what npm installs for these names, or for all that have a pin."""
    return [f"{name}@{PINS['npm'][name]}" for name in names or PINS["npm"]]


def openapi_generator(session: nox.Session) -> str:
    """Install openapi-generator, which needs Java, on its own; return its command."""
    package = f"openapi-generator-cli=={PINS['openapi-generator-cli']}"
    return str(side_environment(session, "java", package).parent / "openapi-generator-cli")


@nox.session
def ecosystem(session: nox.Session) -> None:
    """Give every bundled document to everybody's tools."""
    install(session, "tests")
    session.install("--no-deps", "./docs/examples/vidspec-typescript")
    java = openapi_generator(session)
    tools = Path(session.create_tmp()).resolve() / "tools"
    tools.mkdir(exist_ok=True)
    session.run(
        "npm", "install", "--no-audit", "--no-fund", "--prefix", str(tools), *npm_pins(),
        external=True,
    )  # fmt: skip
    session.run(
        "pytest", "tests/ecosystem", "-m", "ecosystem", "-n", "0", *session.posargs,
        env={
            "PYTHONPATH": "tests",
            "VIDSPEC_NPM": str(tools),
            "VIDSPEC_OPENAPI_GENERATOR": java,
        },
    )  # fmt: skip


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed as ratios against peers in the same run."""
    install(session, "tests", "interop")
    java = openapi_generator(session)
    session.run(
        "python", "-m", "bench", *session.posargs,
        env={
            "PYTHONPATH": "tests",
            "VIDSPEC_NPM": mocks(session),
            "VIDSPEC_OPENAPI_GENERATOR": java,
        },
    )  # fmt: skip


def mocks(session: nox.Session) -> str:
    """Install the mocks of others, each on its own; return the folder. One that cannot be had is told of in the figures."""
    folder = Path(session.create_tmp()).resolve() / "mocks"
    folder.mkdir(exist_ok=True)
    if shutil.which("npm") is None:
        session.warn("npm is not here: other mocks are not measured")
        return str(folder)
    for pinned in npm_pins(*MOCKS):
        session.run(
            "npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder),
            pinned, external=True, success_codes=range(256), silent=True,
        )  # fmt: skip
    return str(folder)


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel, install it elsewhere, and run its commands from there."""
    session.install("build", "-c", "constraints.txt")
    out = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(out, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(out), ".", silent=True)
    session.install(str(next(out.glob("*.whl"))), "-c", "constraints.txt")
    work = Path(session.create_tmp()).resolve() / "outside"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    lonely = side_environment(session, "lonely", "hatchling")
    tests = ROOT / "tests"
    with session.chdir(work):
        session.run(
            "python", str(tests / "wheel" / "outside.py"), str(tests / "cases" / "toy"), str(lonely)
        )
