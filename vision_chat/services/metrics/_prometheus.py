"""The metrics of prometheus_client. Imported only once the folder of their values is named.

That library reads `PROMETHEUS_MULTIPROC_DIR` while it is imported.
"""

from prometheus_client import CollectorRegistry
from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge as PrometheusGauge
from prometheus_client import Histogram as PrometheusHistogram

from vision_chat.services.metrics.instruments import Gauge, Histogram, Instrument

_registry = CollectorRegistry()


def metric_of(instrument: Instrument) -> PrometheusCounter | PrometheusGauge | PrometheusHistogram:
    """Make the metric, whose values lie in files."""
    about = (instrument.name, instrument.about, instrument.labels)
    if isinstance(instrument, Gauge):
        return PrometheusGauge(*about, multiprocess_mode=instrument.merge, registry=_registry)
    if isinstance(instrument, Histogram):
        return PrometheusHistogram(*about, buckets=instrument.bounds, registry=_registry)
    return PrometheusCounter(*about, registry=_registry)
