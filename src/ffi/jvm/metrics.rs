//! The table of metrics, and what a keeper has measured, in one array.

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;

use super::boundary::call;
use super::packed::Packed;
use super::values::{Strings, strings};
use crate::ffi::handles::KEEPERS;
use crate::policy::metric_table::METRICS;
use crate::policy::metrics::{Kind, Metric, Sample, Value};

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_metrics<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> Strings<'local> {
    call(env, |env| {
        let rows = METRICS.iter().flat_map(|metric| {
            let Metric { name, kind, unit, labels, sentence, .. } = metric;
            let bounds = match kind {
                Kind::Histogram(bounds) => bounds.iter().map(f64::to_string).collect::<Vec<_>>().join(","),
                Kind::Gauge | Kind::Counter => String::new(),
            };
            [*name, kind.name(), *unit, &labels.join(","), &bounds, *sentence].map(str::to_owned)
        });
        strings(env, &rows.collect::<Vec<_>>())
    })
}

#[unsafe(no_mangle)]
pub extern "system" fn Java_io_slotkeeper_internal_Native_keeperMetrics<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    keeper: jlong,
) -> JByteArray<'local> {
    call(env, |env| pack(&KEEPERS.get(keeper as u64)?.metrics()).into_java(env))
}

/// As `SampleReader.java` reads it.
fn pack(samples: &[Sample]) -> Packed {
    let mut packed = Packed::default();
    packed.count(samples.len());
    for Sample { metric, labels, value } in samples {
        packed.text(metric.name);
        labels.iter().for_each(|label| packed.text(label));
        match value {
            Value::Number(number) => packed.double(*number),
            Value::Latencies(latencies) => {
                packed.double(latencies.sum().as_secs_f64());
                latencies.counts().iter().for_each(|&count| packed.long(count));
            }
        }
    }
    packed
}
