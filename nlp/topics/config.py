"""The tuned numbers of topics: each with its unit, its range, and the data it was chosen on.

A run records them; `bench` varies them. Streams named here are those of `bench` with seeds from 11
on, which it does not report; sets are training sets.
"""

from pydantic import BaseModel, ConfigDict, Field

from nlp.settings import Settings, configured


class TopicConfig(BaseModel):
    """How topics are found, followed, and compared with what is usual."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: int = Field(20_260_302, ge=0)
    """Of UMAP and of the shuffles of the scan. From the settings."""
    min_topic_size: int = Field(8, ge=3)
    """Messages of the smallest topic worth a person's time. From the settings."""
    quiet_days: int = Field(90, ge=1)
    """Days without a message after which a topic retires. From the settings."""
    min_customers: int = Field(1, ge=1)
    """Distinct customers from which a topic is named and alerts. From the settings."""
    max_alerts: int = Field(20, ge=1)
    """Alerts a day at most, the most severe first. From the settings."""

    n_neighbors: int = Field(15, ge=5, le=50)
    """Nearest texts that UMAP links, and that vote on where a message belongs. UMAP's default."""
    n_nearest: int = Field(200, ge=50, le=300)
    """Nearest texts that are searched for each message. No step needs more, and a scanned place has
    at most half of them. On all of Banking77 and HWU64 train, three seeds, 100
    gives 121 and 93 themes for 77 and 64 intents, 200 gives 105 and 68, 300 the same at more cost;
    mean accuracy is .640, .632, .631."""
    sample_size: int = Field(4_000, ge=2_000)
    """Texts with a topic that are in the graph, at most; texts without one are all in it. Bounds a
    day's cost; it must exceed the number of topics."""
    majority: float = Field(0.6, gt=0.5, lt=1)
    """Share of votes, or of a cluster's messages, that decides. At half, two sides could win."""
    lead: float = Field(0.25, gt=0, lt=1)
    """Share of votes by which another topic must be ahead of a message's own for the message to
    lean to it. Chosen on thirty streams: four votes of fifteen. With a lead of `majority` the
    message moves there: at .8, .01 fewer messages moved and there were twice as many false alerts
    on six streams."""

    n_components: int = Field(10, ge=2, le=50)
    """Dimensions that UMAP keeps for HDBSCAN."""
    n_epochs: int = Field(200, ge=50, le=500)
    """Rounds of UMAP's layout; its default of 500 costs 2.5 times as much and gains nothing."""
    min_cluster_size: int = Field(5, ge=3)
    """Texts of the smallest fine cluster, before joining."""
    texts_per_cluster_size: int = Field(500, ge=100)
    """Sampled texts per text of the smallest fine cluster. Chosen on Banking77 and HWU64
    train and DSTC11 insurance: mean accuracy .595 at 200, .606 at 300, .603 at 500, and on all of
    Banking77 train .612, .622, .642."""
    mixing: float = Field(0.26, gt=0, lt=1)
    """Density of neighbours between two clusters over that within, from which they are one theme.
    Chosen on samples of DSTC11 insurance, HWU64 and Banking77 train and on two streams of mail:
    mean accuracy .508 at .23, .532 at .26, .540 at .29, .540 at .32; and for fewer themes per
    intent on mail, where it is .74 and .65 at .26, .70 and .67 at .29."""
    hysteresis: float = Field(0.045, ge=0, lt=0.2)
    """How much more than `mixing` standing topics must mix to merge, and less to split. Chosen on
    streams: without it topics fell apart and accuracy was .03 lower."""
    area_mixing: float = Field(0.15, gt=0, lt=1)
    """The same as `mixing` for areas. Chosen on the 18 scenarios of HWU64 train: 20 areas, adjusted
    Rand index .58; .2 and .25 gave 32 areas and .49."""
    usual_share: float = Field(0.25, gt=0, le=1)
    """Share of all texts above which two clusters must mix more, in proportion, to join."""
    strictness: float = Field(0.5, ge=0, le=1)
    """Quantile of the texts' nearness to their nearest strangers from which a message belongs.
    Chosen on windows of seven streams and on replays: of one-off noise of the same domain .79 is
    kept out at .5, and .93 of the rest has a topic; .55 and .97 at .35."""

    persist_days: int = Field(2, ge=1)
    """Consecutive days on which a split or merge must be found before it is made."""
    young_days: int = Field(10, ge=1)
    """First days of a collection, in which topics follow the clusters at once and a new topic
    raises no alert."""
    same_centroid: float = Field(0.9, gt=0, le=1)
    """Cosine of centroids from which a newborn topic is a quiet one that came back."""

    recent_days: int = Field(3, ge=1, le=7)
    """Days over which the messages of a fresh place or a slow surge are summed, at most."""
    fewest_recent: int = Field(5, ge=2)
    """Recent messages below which nothing is a fresh place or a surge."""
    chance: float = Field(0.01, gt=0, lt=1)
    """Probability below which the scan calls a place fresh and a past day counts as an outbreak."""
    surge_chance: float = Field(1e-3, gt=0, lt=1)
    """The same for a topic's count. Chosen on thirty streams: 135 of 144 surges and 21 false
    alarms; 131 and 16 at half of it, 136 and 30 at twice it."""
    min_history: int = Field(5, ge=2)
    """Past days that an expectation needs; also the days for which a topic that alerted does not
    alert again."""
    prior_days: float = Field(30.0, gt=0)
    """Weight of the median topic's dispersion against a topic's own, in past days."""
    prior_messages: float = Field(20.0, gt=0)
    """Weight of the rate over all sources against that of one source, in messages."""


FROM_SETTINGS = ("seed", "min_topic_size", "quiet_days", "min_customers", "max_alerts")
"""The fields that have a setting of their own."""


def topic_config(settings: Settings) -> TopicConfig:
    """Return the config of the settings. Raises SettingError, as `configured` does."""
    from_settings = {key: getattr(settings, key) for key in FROM_SETTINGS}
    return configured(TopicConfig, "TRIAGE_TOPICS", from_settings | settings.topics)
