from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from undersign.catalogs import import_names
from undersign.records.packages import key_of
from undersign.surfaces.review.alike import alike, of_standard_library

# Names that public reports of 2017 to 2025 call imitations, with what they imitate.
PUBLISHED = """
pypi colourama colorama; pypi djanga django; pypi diango django; pypi dajngo django
pypi djago django; pypi urlib3 urllib3; pypi python3-dateutil python-dateutil
pypi jeIlyfish jellyfish; pypi setup-tools setuptools; pypi acqusition acquisition
npm crossenv cross-env; npm mongose mongoose; npm nodemailer-js nodemailer
npm node-fabric fabric; npm babelcli babel-cli; npm gruntcli grunt-cli; npm ffmepg ffmpeg
npm jquery.js jquery; npm node-opencv opencv; npm electorn electron; npm discordi.js discord.js
npm types-node @types/node; npm @typescript_eslinter/eslint @typescript-eslint/eslint
go github.com/boltdb-go/bolt github.com/boltdb/bolt
maven org.fasterxml.jackson.core:jackson-databind com.fasterxml.jackson.core:jackson-databind
"""

# Slips of the same kinds, made up here.
TYPICAL = """
pypi beautifulsup4 beautifulsoup4; pypi reqeusts requests; pypi requets requests
pypi requestss requests; pypi request requests; pypi tensorfllow tensorflow
pypi matplatlib matplotlib; pypi pandar pandas; pypi flask-sqlachemy flask-sqlalchemy
pypi sqlalchemy-flask flask-sqlalchemy; pypi selenuim selenium; pypi boto33 boto3
npm lodahs lodash; npm loadyaml load-yaml; npm expres express; npm axois axios
"""

# Two hundred of the most installed packages each: names, as facts of the registries' statistics.
PYPI = """
boto3 packaging urllib3 certifi idna requests typing-extensions charset-normalizer setuptools
botocore cryptography aiobotocore python-dateutil six pyyaml pydantic pygments cffi click numpy
pluggy pycparser pydantic-core grpcio-status anyio s3transfer attrs protobuf h11 pytest
annotated-types iniconfig fsspec httpx httpcore typing-inspection pandas pip s3fs markupsafe
platformdirs python-dotenv pathspec pyjwt jinja2 rich jmespath markdown-it-py aiohttp filelock
importlib-metadata yarl starlette multidict jsonschema zipp uvicorn propcache wheel mdurl pyasn1
pytz google-auth googleapis-common-protos frozenlist litellm fastapi rpds-py tqdm annotated-doc
aiosignal referencing jsonschema-specifications trove-classifiers tzdata google-api-core
aiohappyeyeballs pillow virtualenv greenlet colorama pyasn1-modules typer grpcio opentelemetry-sdk
tenacity wrapt requests-oauthlib opentelemetry-api pyarrow awscli websockets
opentelemetry-semantic-conventions python-multipart scipy sniffio pydantic-settings sqlalchemy
pyparsing shellingham tomli lxml beautifulsoup4 oauthlib soupsieve psutil regex cachetools textual
openai exceptiongroup hatchling opentelemetry-proto more-itertools requests-toolbelt watchfiles rsa
tomlkit proto-plus distro distlib jiter mcp websocket-client mypy-extensions langchain openpyxl
et-xmlfile sse-starlette wcwidth editables coverage docutils huggingface-hub grpcio-tools dnspython
werkzeug networkx google-cloud-storage redis gitpython google-genai msgpack psycopg2-binary
pyopenssl ptyprocess decorator smmap pexpect opentelemetry-instrumentation ruff docker pynacl
sortedcontainers keyring docstring-parser uvloop httptools fonttools multiprocess tabulate gitdb
matplotlib isodate async-timeout httpx-sse prompt-toolkit azure-core secretstorage jeepney
azure-identity scikit-learn itsdangerous flask google-cloud-core bcrypt kiwisolver dill joblib
pytest-cov pytest-asyncio contourpy alembic orjson email-validator deprecated msal chardet
defusedxml threadpoolctl tokenizers blinker kubernetes tiktoken mako cycler tzlocal toml mypy sympy
jsonpointer nodeenv xxhash zstandard ipython prometheus-client paramiko httplib2 transformers
pre-commit jedi aiofiles parso marshmallow django gunicorn celery kombu billiard vine amqp selenium
scrapy twisted
"""
NPM = """
semver ansi-styles debug minimatch strip-ansi chalk supports-color string-width ansi-regex ms
lru-cache brace-expansion tslib emoji-regex wrap-ansi type-fest commander glob color-name
color-convert source-map @types/node has-flag readable-stream picomatch ajv safe-buffer
escape-string-regexp uuid yallist signal-exit react-is is-fullwidth-code-point which p-limit
json-schema-traverse find-up locate-path p-locate mime-db eslint-visitor-keys minipass glob-parent
iconv-lite string_decoder js-yaml isarray mime-types @babel/types @babel/code-frame globals
path-key yargs-parser ws resolve get-stream argparse @babel/parser yargs pretty-format ignore
undici-types acorn isexe cross-spawn postcss balanced-match resolve-from fs-extra camelcase cliui
punycode @babel/generator is-stream entities agent-base estraverse strip-json-comments
shebang-regex shebang-command json5 @babel/traverse webidl-conversions path-exists path-to-regexp
whatwg-url https-proxy-agent onetime @babel/core form-data tr46 @babel/template execa typescript
eslint-scope inherits convert-source-map rimraf negotiator qs get-intrinsic @babel/runtime statuses
universalify fast-deep-equal minimist picocolors chokidar @babel/helpers has-symbols @jest/types
esbuild function-bind caniuse-lite npm-run-path js-tokens graceful-fs is-number bytes readdirp
@types/estree mimic-fn slash y18n browserslist electron-to-chromium kind-of yaml buffer cookie
jsesc lodash braces fill-range hasown ini node-fetch escalade human-signals mkdirp gopd http-errors
micromatch strip-bom es-object-atoms concat-map make-dir is-glob es-define-property nanoid
es-errors to-regex-range call-bind-apply-helpers schema-utils update-browserslist-db path-scurry
yocto-queue node-releases ci-info dunder-proto math-intrinsics mime get-proto has-tostringtag
uri-js magic-string object-inspect fast-glob dotenv pify zod http-proxy-agent is-extglob
strip-final-newline parse-json espree once express react react-dom vue axios jest eslint prettier
webpack moment dayjs mongoose cross-env babel-cli redux rxjs uuidv7 helmet cors body-parser morgan
passport bcryptjs jsonwebtoken nodemon sequelize
"""

MUTATIONS: dict[str, Callable[[str, int, random.Random], str]] = {
    "dropped": lambda n, i, _: n[:i] + n[i + 1 :],
    "doubled": lambda n, i, _: n[:i] + n[i] + n[i:],
    "swapped": lambda n, i, _: n[:i] + n[i + 1] + n[i] + n[i + 2 :],
    "another": lambda n, i, r: n[:i] + r.choice("abcdefghijklmnopqrstuvwxyz") + n[i + 1 :],
    "prefixed": lambda n, _, __: f"python-{n}",
    "suffixed": lambda n, _, __: f"{n}-py",
    "plural": lambda n, _, __: n[:-1] if n.endswith("s") else f"{n}s",
    "homoglyph": lambda n, _, __: n.replace("o", "0") if "o" in n else n.replace("e", "е"),
}  # fmt: skip


def imitations() -> list[tuple[str, str, str]]:
    rows = [
        row.split() for row in (PUBLISHED + TYPICAL).replace("\n", ";").split(";") if row.strip()
    ]
    return [(a, b, c) for a, b, c in rows]


@pytest.mark.parametrize("row", imitations(), ids=lambda r: r[1])
def test_imitations_are_found(row: tuple[str, str, str]) -> None:
    ecosystem, name, real = row
    found = alike(name, {key_of(real, ecosystem)}, ecosystem)
    assert found is not None
    assert found[0] == key_of(real, ecosystem)
    assert found[1]


@pytest.mark.parametrize("kind", MUTATIONS)
def test_names_made_by_mutation_are_found(kind: str) -> None:
    rng = random.Random(kind)
    names = [n for n in PYPI.split() if len(n) > 5]
    tried = caught = 0
    for name in names:
        made = MUTATIONS[kind](name, rng.randrange(1, len(name) - 1), rng)
        if key_of(made, "pypi") == name:
            continue
        tried += 1
        caught += alike(made, {name}, "pypi") is not None
    assert tried > 60
    assert caught / tried > 0.85, f"{caught} of {tried}"


@pytest.mark.parametrize(("ecosystem", "listed"), [("pypi", PYPI), ("npm", NPM)])
def test_popular_packages_are_not_taken_for_each_other(ecosystem: str, listed: str) -> None:
    names = [key_of(n, ecosystem) for n in listed.split()]
    assert len(names) >= 200
    alarms = {n: found for n in names if (found := alike(n, set(names) - {n}, ecosystem))}
    assert not alarms
    modules = {n: found for n in names if (found := of_standard_library(n, ecosystem))}
    assert not modules


def test_every_genuine_pair_would_be_an_alarm() -> None:
    """A pair in the catalog that the rules would not find is there for nothing."""
    idle = []
    for ecosystem, pairs in import_names.load().genuine.items():
        for pair in pairs:
            one, two = (*pair, *pair)[:2]
            modules = import_names.load().modules[ecosystem]
            if len(pair) == 2 and not {one, two} & modules and not _alarms(one, two, ecosystem):
                idle.append(sorted(pair))
            if len(pair) == 1:
                assert one in modules
    assert not idle


def _alarms(one: str, two: str, ecosystem: str) -> bool:
    from undersign.surfaces.review import alike as room

    return bool(room._how(one, two, ecosystem) or room._how(two, one, ecosystem))


@pytest.mark.parametrize(
    ("name", "module"),
    [("urllib", "urllib"), ("pathlib", "pathlib"), ("asyncio", "asyncio"), ("hashilb", "hashlib"),
     ("python-json", None), ("subproces", "subprocess"), ("flask", None), ("requests", None),
     ("logging", "logging"), ("python-logging", "logging")],
)  # fmt: skip
def test_names_of_the_standard_library(name: str, module: str | None) -> None:
    found = of_standard_library(name, "pypi")
    assert (found[0] if found else None) == module


def test_owners_are_told_apart() -> None:
    known = {"@babel/core", "lodash"}
    assert alike("@babel/cores", known, "npm") is None
    assert alike("@someone/lodash", known, "npm") is None
    assert alike("@babell/core", known, "npm") is not None
    maven = {"com.google.guava:guava"}
    assert alike("com.google.guava:guava-testlib", maven, "maven") is None
    assert alike("com.google.guave:guava", maven, "maven") is not None
    go = {"github.com/gin-gonic/gin"}
    assert alike("github.com/gin-gonic/contrib", go, "go") is None
    assert alike("github.com/gin-gonik/gin", go, "go") is not None
    assert alike("gitlab.com/gin-gonic/gin", go, "go") is None


def test_hostile_names_are_compared_in_no_time() -> None:
    for name in ("a" * 100_000, "-" * 5_000, "\ud800\u202e", "", "@", "@/", "-py", "py"):
        for ecosystem in ("pypi", "npm", "go", "maven"):
            alike(name, {"requests", "@types/node", "g:a", "github.com/a/b"}, ecosystem)
            of_standard_library(name, ecosystem)
