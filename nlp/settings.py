"""The only reader of the environment: every setting, its default and its meaning.

The environment variable is the name in upper case with the prefix `TRIAGE_`, e.g.
`TRIAGE_DATABASE_URL`; a `.env` file in the working folder is read too. `load()` is called at the
edges, never at import.
"""

import codecs
import datetime as dt
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from nlp.crossings import crossing
from nlp.errors import SettingError
from nlp.states import Kept

Config = TypeVar("Config", bound=BaseModel)


TIME_FORMATS = ("dmy", "mdy", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "excel")
"""What `time_format` may be, besides a pattern of `strptime`."""


class RowSetting(BaseModel, extra="forbid", frozen=True):
    """How the rows of a source are written. What is not said is found out."""

    columns: dict[str, str] = {}
    """Maps contract columns to columns of the source that differ: `{"external_id": "ticket"}`.
    `ticket.id` is a path into nested objects, `ticket_id+comment_id` forms one id of two columns,
    and of `plain_body|body` the first counts that has a value."""
    attributes: tuple[str, ...] = ()
    """Further columns, kept as attributes under their own names."""
    timezone: str | None = None
    """Zone of times without an offset. Unset: `TRIAGE_TIMEZONE`, where most of them have none."""
    time_format: str | None = None
    """Form of `created_at` where it is not certain: one of `TIME_FORMATS`, or `%d.%m.%Y %H:%M`."""
    preset: Literal["zendesk", "intercom", "freshdesk", "helpscout"] | None = None
    """The desk that exported the files: names of columns, and a message for each turn."""
    encoding: str | None = None
    """Encoding of the files where it is guessed wrongly."""
    rows: str | None = None
    """Path of the list of rows in a JSON document, where it is found wrongly."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return value if value is None else known_zone(value)

    @field_validator("time_format")
    @classmethod
    def _known_form(cls, value: str | None) -> str | None:
        if value is not None and "%" not in value and value not in TIME_FORMATS:
            raise ValueError(f"one of {', '.join(TIME_FORMATS)}, or a pattern such as %Y%m%d")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            return value if value is None else codecs.lookup(value).name
        except LookupError as error:
            raise ValueError("the name of an encoding such as utf-8 or cp1252") from error


class DaySetting(RowSetting):
    """A source that is delivered by days."""

    whole_days: bool = False
    """Whether each delivery is the whole day: what a day lacks that is delivered again, is gone,
    and is deleted with all that was derived from it."""


class FilesSource(DaySetting):
    """Files on any store that fsspec supports; `{day}` in `url` becomes the ISO date.

    `{day:%Y/%m/%d}` is in another form; with `{year}` and `{month}`, `{day}` is the day of the
    month.
    """

    kind: Literal["files"]
    url: str
    """A path or URL; wildcards are allowed: `s3://aws_default@bucket/inbox/{day}/*.jsonl.gz`."""


class DatabaseSource(DaySetting):
    """Any SQL database: a connection and a query file with `:start` and `:end`."""

    kind: Literal["database"]
    connection: str
    """An Airflow connection id; on the command line, an SQLAlchemy URL."""
    query: Path


class IcebergSource(DaySetting):
    """An Iceberg table, whose time is a timestamp."""

    kind: Literal["iceberg"]
    table: str
    """The address of its metadata file or of its folder, or `catalog.namespace.table`; the catalog
    and the keys of a store are those of pyiceberg's own settings."""


class ApiSource(BaseModel, extra="forbid", frozen=True):
    """What every source by an API says: where it is; its token is in `tokens` or a connection."""

    url: str = ""
    """Address of the desk, `https://acme.zendesk.com`; Intercom needs none."""
    user: str = ""
    """The user of the token, where the desk asks for it: Zendesk's e-mail address."""
    connection: str | None = None
    """The Airflow connection with host, login and password (the token); unset: `triage_` and the
    kind."""
    plain_http: bool = False
    """Whether the address may begin with http:// beyond this machine."""
    attributes: tuple[str, ...] = ()
    """Fields of a conversation that are kept as attributes, besides those of its desk."""
    columns: dict[str, str] = {}
    """Fields of the contract that are elsewhere than the desk has them: `{"customer_id": "email"}`.
    """
    write_back: Literal["tags", "note"] | None = None
    """Whether theme and intent are written to tickets: as tags, or with a link to the theme in an
    internal note. Unset: nothing is written to the desk."""


class DeskSource(ApiSource):
    """A helpdesk that is known by name."""

    kind: Literal["zendesk", "intercom", "freshdesk", "chatwoot", "zammad"]
    account: str = ""
    """Chatwoot's number of the account."""


class RestSource(ApiSource):
    """Any other helpdesk: `desk` is a `nlp.sources.desks.description.Description`."""

    kind: Literal["rest"]
    desk: dict[str, Any]
    account: str = ""


def known_zone(value: str) -> str:
    """Return the name of a time zone. Raises ValueError, which says what is allowed."""
    if value not in available_timezones():
        raise ValueError("a name of the time-zone database such as UTC or Europe/London")
    return value


SourceSetting = Annotated[
    FilesSource | DatabaseSource | IcebergSource | DeskSource | RestSource,
    Field(discriminator="kind"),
]


class Settings(BaseSettings):
    """All settings; see the module docstring for where they come from."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGE_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: SecretStr | None = None
    """A PostgreSQL 15+ with pgvector; unset: the embedded server under `local_dir`."""
    local_dir: Path = Path(".local")
    """Folder of the embedded server, the sample inbox and generated keys."""
    timezone: str = "UTC"
    """Time zone that determines the day of a message."""
    sources: dict[str, SourceSetting] = {
        "inbox": FilesSource(kind="files", url=".local/inbox/{day}.csv")
    }
    tokens: dict[str, SecretStr] = {}
    """Tokens of helpdesks by the name of their source, as JSON: `{"support": "..."}`; in Airflow
    a connection goes first."""
    desk_attempts: int = Field(8, ge=1, le=50)
    """Requests for one page of a helpdesk before a run gives up."""
    desk_wait_seconds: float = Field(900.0, ge=0)
    """A helpdesk that asks for a longer pause ends the run, and Airflow tries again later."""
    max_answer_bytes: int = Field(64 << 20, ge=1_000)
    """A longer answer of a helpdesk, after decompression, is refused."""
    hash_key: SecretStr | None = None
    """Key of the customer-id hash; unset: created once under `local_dir`."""
    signing_key: SecretStr | None = Field(None, min_length=16)
    """Key that models are signed with, kept outside the database; unset: they are not signed."""
    max_text_chars: int = Field(50_000, ge=100)
    """Maximum length of a text; a longer one is quarantined."""
    max_file_bytes: int = Field(2 << 30, ge=1_000)
    """A file of a source that is longer, after decompression, is refused."""
    max_inflation: int = Field(200, ge=2)
    """A compressed file that becomes more than so many times its size, and over 64 MiB, too."""
    max_row_bytes: int = Field(16 << 20, ge=1_000)
    """A longer line of JSON is quarantined; a longer row of CSV costs its file."""
    max_field_chars: int = Field(4 << 20, ge=100)
    """A row with a longer value is quarantined, markup and pictures included."""
    max_nesting: int = Field(100, ge=1, le=500)
    """A row of JSON with more levels is quarantined."""
    max_row_group_bytes: int = Field(128 << 20, ge=1_000)
    """A Parquet file with a longer row group, decompressed, in the columns read, is refused."""
    max_gone_share: float = Field(0.25, ge=0, le=1)
    """Share of a day's messages that may go where a source of whole days delivers it again; a
    delivery that lacks more is refused."""
    languages: Annotated[tuple[str, ...], NoDecode] = ("en",)
    """ISO 639-1 codes that the encoder understands, comma-separated; others are unsupported."""
    spacy_model: str | None = None
    """An installed spaCy pipeline that finds person names to redact; unset: patterns only."""
    attributes: dict[str, str | None] = {}
    """How attributes of messages are called in alerts, as JSON; null hides one."""
    redact_region: str = "GB"
    """Country whose national phone formats are recognised besides British, US and international."""
    redact_patterns: Path | None = None
    """A TOML file of patterns for what else is redacted, each with its own examples."""

    encoder: str = "all-MiniLM-L6-v2"
    """A sentence-transformers name or folder; the default is part of an installed package."""
    precision: Literal["auto", "float32", "bfloat16", "int8"] = "auto"
    """`auto`: that of the stored embeddings; where there are none, the faster of float32 and
    bfloat16 on this processor. int8 is faster than both on most, and rougher."""
    embed_shards: int = Field(2, ge=1, le=64)
    """Number of mapped tasks that embed a day."""

    window_days: int = Field(14, ge=1, le=90)
    """Days, today included, that are clustered together, at least."""
    window_messages: int = Field(3_000, ge=0)
    """Messages that the window holds: where fewer arrived in `window_days`, it reaches further
    back, up to a year."""
    sample_passages: int = Field(20_000, ge=5_000)
    """Passages of the window that discovery reads, at most; the others are counted. Also the
    passages that are assigned at once."""
    min_topic_size: int = Field(8, ge=3)
    """Smallest topic, in messages of the window."""
    seed: int = 20_260_302
    quiet_days: int = Field(90, ge=1)
    """Days without a message after which a topic retires."""
    topics: dict[str, float] = {}
    """Other values for the numbers of `nlp.topics.config`, as JSON: `{"mixing": 0.3}`."""
    words: dict[str, float] = {}
    """The same for `nlp.topics.words.config`."""
    intents: dict[str, float] = {}
    """The same for `nlp.intents.config`."""
    text: dict[str, float] = {}
    """The same for `nlp.text.config`."""
    intent_threshold: float = Field(0.0, ge=0, le=1)
    """Lower bound for the model's own thresholds: below this probability it always abstains."""
    intent_precision: float = Field(0.95, gt=0.5, lt=1)
    """Target share of answers that are right; the model abstains to reach it."""
    gate_recall_loss: float = Field(0.05, ge=0, le=1)
    """The gate refuses a challenger where an intent loses more recall than this."""
    auto_promote_margin: float | None = Field(None, ge=0, le=1)
    """Set: a challenger that passes the gate and changes at most this share of answers goes into
    service without a person. Unset: a person approves every one."""
    retrain_corrections: int = Field(50, ge=1)
    """This many newly corrected messages start a training before the week is over."""
    drift_limit: float = Field(0.25, gt=0)
    """A population stability index above this raises an alert; .25 is a usual limit."""
    mlflow_uri: str | None = None
    """Tracking and registry of models: the URI of a server, or `off`; unset: under `local_dir`."""
    serve_host: str = "127.0.0.1"
    serve_port: int = Field(8090, ge=0, le=65_535)
    serve_token: SecretStr | None = None
    """Bearer token for callers of `triage serve`; unset: created once under `local_dir`."""
    serve_max_bytes: int = Field(8_000_000, ge=1_000)
    """Bytes of a request to `triage serve`, at most; a larger one is refused unread."""
    serve_max_requests: int = Field(64, ge=2)
    """Requests that `triage serve` answers at once; one more gets 503."""
    partial_day_share: float = Field(0.25, ge=0, le=1)
    """A day with less than this share of its weekday's usual messages fails the quality check."""
    max_alerts: int = Field(20, ge=1)
    """Maximum number of alerts per day; the most severe are kept."""
    min_customers: int = Field(1, ge=1)
    """Distinct customers who must have written before a theme is named or alerts."""

    retain_messages: int | None = Field(None, ge=1)
    """Days after which messages are deleted, with all that was derived; unset: never. Counts of
    past days stay. No retention may be shorter than `window_days`."""
    retain_quarantine: int | None = Field(None, ge=1)
    """The same for rows in quarantine,"""
    retain_predictions: int | None = Field(None, ge=1)
    """for predictions of intents,"""
    retain_examples: int | None = Field(None, ge=1)
    """for labelled examples, by the day they were added on,"""
    retain_embeddings: int | None = Field(None, ge=1)
    """for embeddings of texts that no message of these days has; unset: as messages,"""
    retain_runs: int | None = Field(None, ge=1)
    """and for the record of runs."""

    lake_url: str | None = None
    """Folder on any store that fsspec supports, `s3://bucket/triage`, to which finished days are
    exported as Parquet; unset: nowhere."""
    serve_url: str | None = None
    """Address of `triage serve`, for the review page's search by meaning; unset: by words only."""

    send_quotes: bool = True
    """Whether alerts and digests that are sent quote messages; off: sentences and figures alone."""
    llm_url: str | None = None
    """An OpenAI-compatible endpoint, `http://127.0.0.1:11434/v1`, that names themes and sums them
    up; it is sent redacted messages only. Unset: labels are phrases of the messages."""
    llm_model: str = ""
    """Which of the endpoint's models."""
    llm_key: SecretStr | None = None
    """Its key; unset: none."""
    llm_seconds: float = Field(30, gt=0)
    """How long an answer may take. The first one that fails ends the asking of that day."""

    page_url: str | None = None
    """Address of the review page, `https://airflow.example.org/triage`, for the links of digests;
    unset: Markdown has paths alone, mail and Slack no links."""

    @field_validator("llm_url", "page_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        if not re.fullmatch(r"https?://[^\s<>\"|]+", value.strip()):
            raise ValueError("an address such as https://airflow.example.org/triage")
        return value.strip().rstrip("/")

    @model_validator(mode="after")
    def _names_a_model(self) -> "Settings":
        if self.llm_url and not self.llm_model:
            raise ValueError("TRIAGE_LLM_URL needs TRIAGE_LLM_MODEL, the model to ask there")
        return self

    @field_validator("languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(v.strip() for v in value.split(",")) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)

    @field_validator(*(f"retain_{kind}" for kind in Kept))
    @classmethod
    def _not_within_window(cls, value: int | None, info: ValidationInfo) -> int | None:
        window = info.data.get("window_days", 1)
        if value is not None and value < window:
            raise ValueError(
                f"at least the {window} days of TRIAGE_WINDOW_DAYS, which runs read every day"
            )
        return value

    def retention(self) -> dict[Kept, int]:
        """Return the days after which data of each kind are deleted; kinds without are kept.

        Embeddings go with the messages, unless they have days of their own.
        """
        days = {kind: getattr(self, f"retain_{kind}") for kind in Kept}
        days[Kept.EMBEDDINGS] = days[Kept.EMBEDDINGS] or days[Kept.MESSAGES]
        return {kind: n for kind, n in days.items() if n is not None}

    @property
    def zone(self) -> dt.tzinfo:
        """The time zone of `timezone`."""
        return ZoneInfo(self.timezone)

    def customer_key(self) -> bytes:
        """Return the key of the customer-id hash; without `hash_key`, one is created and kept."""
        if self.hash_key:
            return self.hash_key.get_secret_value().encode()
        return self._kept("hash_key").encode()

    def _kept(self, name: str) -> str:
        file = self.local_dir / name
        if not file.exists():
            self.local_dir.mkdir(parents=True, exist_ok=True)
            # Linked when it is whole: an empty key would be a key that everybody knows.
            whole = file.with_name(f"{name}.{secrets.token_hex(8)}")
            with open(os.open(whole, _NEW_SECRET, 0o600), "w") as new:
                new.write(secrets.token_hex(32))
            crossing(
                "secret.written",
                "The secret has no name yet: the next process makes another one.",
            )
            with suppress(FileExistsError):
                os.link(whole, file)
            whole.unlink()
        return file.read_text()

    def bearer_token(self) -> str:
        """Return the token of `triage serve`; without `serve_token`, one is created and kept."""
        if self.serve_token:
            return self.serve_token.get_secret_value()
        return self._kept("serve_token")

    def record(self) -> dict[str, object]:
        """Return the settings that affect results, for the record of a run; no secrets or paths."""
        return {key: getattr(self, key) for key in _SHAPING}


_NEW_SECRET = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_SHAPING = (
    "timezone",
    "languages",
    "spacy_model",
    "redact_region",
    "max_text_chars",
    "encoder",
    "precision",
    "window_days",
    "window_messages",
    "sample_passages",
    "min_topic_size",
    "seed",
    "quiet_days",
    "topics",
    "words",
    "intents",
    "text",
    "intent_threshold",
    "intent_precision",
    "max_alerts",
    "min_customers",
)


def load(**overrides: object) -> Settings:
    """Read the environment and validate it; `overrides` take precedence.

    Raises SettingError, which names each wrong key, its value and what is allowed.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingError("; ".join(_sentence(e) for e in error.errors())) from error
    except SettingsError as error:
        raise SettingError(
            f"TRIAGE_{(key := _json_key(error))} is not JSON: {error.__cause__}. Was: hidden. "
            f"Allowed is e.g. {_EXAMPLES.get(key, '{}')}"
        ) from error


_EXAMPLES = {
    "SOURCES": '{"inbox": {"kind": "files", "url": "inbox/{day}.csv"}}',
    "TOKENS": '{"support": "the token"}',
    "TOPICS": '{"mixing": 0.3}',
    "WORDS": '{"n_keywords": 10}',
    "INTENTS": '{"ridge": 0.2}',
}


def _json_key(error: SettingsError) -> str:
    """Return the name of the JSON setting that an error is about."""
    named = re.search('field "([a-z_]+)"', str(error))
    return named.group(1).upper() if named else "SOURCES"


def configured(config: type[Config], key: str, values: Mapping[str, object]) -> Config:
    """Return a config with `values`, which the setting `key` gave.

    Raises SettingError, which names each unknown or wrong number and what is allowed.
    """
    try:
        return config.model_validate(dict(values))
    except ValidationError as error:
        sentences = []
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"])
            if one["type"] == "extra_forbidden":
                allowed = ", ".join(sorted(config.model_fields))
                sentences.append(f"{key} has no number {name!r}. Allowed are: {allowed}")
            else:
                sentences.append(f"{key}, {name}: {one['msg']}. Was: {one['input']!r}")
        raise SettingError("; ".join(sentences)) from error


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    key = "TRIAGE_" + "_".join(str(part) for part in error["loc"]).upper()
    # A source may contain a password in its URL or connection.
    is_secret = isinstance(error["input"], dict) or re.search("KEY|URL|URI|TOKEN|CONNECTION", key)
    value = "hidden" if is_secret else repr(error["input"])
    return f"{key}: {error['msg']}. Was: {value}"
