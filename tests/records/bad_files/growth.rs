//! How the time to read a record grows with what is in it, and that to open a network with its nodes: n, 4 n and 16 n of
//! each. The tables in `docs/bad-files.md` are `growth.md` and `growth_of_networks.md` beside this file; `make growth`
//! measures them anew and writes them.

use super::growing::Shape;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use vitrine::Model;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{ReadOptions, Stay};

/// Four times as much takes at most so many times as long.
const RATIO_MAX: f64 = 6.0;

/// What takes less than so many seconds is done again and again until they are over, and the mean is taken.
const LONG_ENOUGH: f64 = 0.1;

/// How often what took too long is measured again.
const AGAIN: usize = 4;

/// What is counted, the least n, and the text that has n of it.
type Growing = (&'static str, &'static str, usize, fn(usize) -> String);

const ALL: [Growing; 21] = [
    ("FHIR", "Observations inside one resource with references of 100,000 characters", 500, holder),
    ("FHIR", "Observations, one a line", 5_000, lines),
    ("FHIR", "entries of a Bundle", 5_000, bundle),
    ("FHIR", "versions, four of each Observation", 5_000, versions),
    ("FHIR", "people, each inside their own Observation (asked about)", 2_500, people),
    ("FHIR", "Specimens of the record, each with an Observation", 2_500, specimens),
    ("FHIR", "Observations of one Specimen inside their report, which is called by 100,000 characters", 500, specimen),
    ("table, a row a measurement", "rows", 20_000, |n| rows(n, |k| format!("{},HR,{},/min", hour(k), 60 + k % 60))),
    ("table, a row a measurement", "rows, each of another unknown name", 10_000, |n| {
        rows(n, |k| format!("{},{},80,", hour(k), if k == 0 { "HR".to_owned() } else { format!("x{k}") }))
    }),
    ("table, a row a measurement", "rows that cannot be read, each for another cell", 10_000, |n| {
        rows(n, |k| format!("{},HR,{},/min", hour(k), if k == 0 { "80".to_owned() } else { format!("x{k}") }))
    }),
    ("table, a row a measurement", "rows, each with a stray quote", 10_000, |n| {
        rows(n, |k| format!("{},HR,80,{}/min", hour(k), if k == 0 { "" } else { "\"" }))
    }),
    ("table, a row a measurement", "people, a row each (asked about)", 10_000, |n| {
        let rows: String = (0..n).map(|k| format!("{k},{},HR,80,/min\n", hour(k))).collect();
        format!("subject_id,time,variable,value,unit\n{rows}")
    }),
    ("table, a row a measurement", "versions, two of each numbered row", 10_000, |n| {
        let row = |k: usize| format!("{},{},HR,{},/min,{k}\n", k / 2, hour(k / 2), 60 + k % 60);
        format!("row_id,time,variable,value,unit,version\n{}", (0..n).map(row).collect::<String>())
    }),
    ("table, a row a measurement", "rows, each of another specimen", 10_000, |n| {
        let row = |k: usize| format!("{},HR,80,/min,x{k}\n", hour(k));
        format!("time,variable,value,unit,specimen\n{}", (0..n).map(row).collect::<String>())
    }),
    ("table in JSON", "objects, one a line", 10_000, |n| {
        (0..n).map(|k| format!("{{\"time\":{},\"variable\":\"HR\",\"value\":80}}\n", hour(k))).collect()
    }),
    ("table in JSON", "objects in one list", 10_000, |n| {
        let objects: Vec<Value> = (0..n).map(|k| json!({ "time": hour(k), "variable": "HR", "value": 80 })).collect();
        Value::from(objects).to_string()
    }),
    ("table, a column a variable", "rows of four variables", 10_000, |n| {
        let rows: String = (0..n).map(|k| format!("{},{},120,97,18\n", hour(k), 60 + k % 60)).collect();
        format!("time,hr,sbp,spo2,resp_rate\n{rows}")
    }),
    ("PhysioNet 2019", "rows", 10_000, |n| {
        let rows: String = (0..n).map(|k| format!("{}|97|{}\n", 60 + k % 60, hour(k))).collect();
        format!("HR|O2Sat|ICULOS\n{rows}")
    }),
    ("table, a column a variable", "columns, twenty rows", 600, |n| {
        let names: String = (0..n).map(|k| format!(",x{k}")).collect();
        let cells = ",1".repeat(n);
        let rows: String = (0..20).map(|k| format!("{k}.5,80{cells}\n")).collect();
        format!("time,hr{names}\n{rows}")
    }),
    ("benchmark", "rows", 6_000, |n| {
        let rows: String = (0..n).map(|k| format!("{},80,7.3\n", 47.0 * k as f64 / n as f64)).collect();
        format!("Hours,Heart Rate,pH\n{rows}")
    }),
    ("PhysioNet 2012", "rows", 6_000, |n| {
        let rows: String = (0..n).map(|k| format!("{:02}:{:02},HR,{}\n", k % 48, k % 60, 60 + k % 60)).collect();
        format!("Time,Parameter,Value\n{rows}")
    }),
];

/// How a text may be packed.
type Packing = fn(&str) -> Vec<u8>;

const PACKINGS: [(&str, Packing); 2] = [
    ("gzip", |text| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }),
    ("UTF-16", |text| [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
];

/// Networks over an input `[1, 8, 2]`, with so many of what is counted.
const NETWORKS: [(&str, Shape, usize); 19] = [
    ("Add in a row", Shape::Chain("Add"), 1000),
    ("Mul in a row", Shape::Chain("Mul"), 1000),
    ("Relu in a row", Shape::Chain("Relu"), 1000),
    ("Tanh in a row", Shape::Chain("Tanh"), 1000),
    ("Softmax in a row", Shape::Chain("Softmax"), 1000),
    ("dense layers in a row", Shape::Chain("MatMul"), 250),
    ("Slice in a row", Shape::Chain("Slice"), 1000),
    ("Gather in a row", Shape::Chain("Gather"), 1000),
    ("Constant and Add in a row", Shape::Chain("Constant"), 500),
    ("Reshape in a row", Shape::Reshapes, 1000),
    ("Relu side by side, into one Concat", Shape::Branches("Relu"), 250),
    ("dense layers side by side, into one Concat", Shape::Branches("MatMul"), 250),
    ("LSTMs side by side, into one Concat", Shape::Layers("LSTM"), 50),
    ("GRUs side by side, into one Concat", Shape::Layers("GRU"), 50),
    ("RNNs side by side, into one Concat", Shape::Layers("RNN"), 50),
    ("LSTMs in a row", Shape::Stack("LSTM"), 50),
    ("GRUs in a row", Shape::Stack("GRU"), 50),
    ("RNNs in a row", Shape::Stack("RNN"), 50),
    ("Expand to 65,536 numbers, and the greatest of them", Shape::Expands, 10),
];

/// Times that never go back, within the hours that the model sees.
fn hour(k: usize) -> f64 {
    k as f64 / 10_000.0
}

fn rows(n: usize, row: impl Fn(usize) -> String) -> String {
    let rows: String = (0..n).map(|k| row(k) + "\n").collect();
    format!("time,variable,value,unit\n{rows}")
}

fn observation(k: usize) -> Value {
    json!({
        "resourceType": "Observation", "id": k.to_string(), "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8867-4" }] },
        "subject": { "reference": "Patient/a" },
        "effectiveDateTime": format!("2030-01-02T{:02}:{:02}:00Z", k / 60 % 24, k % 60),
        "valueQuantity": { "value": 60 + k % 60, "code": "/min" },
    })
}

fn lines(n: usize) -> String {
    (0..n).map(|k| observation(k).to_string() + "\n").collect()
}

fn bundle(n: usize) -> String {
    let entries: Vec<Value> = (0..n).map(|k| json!({ "resource": observation(k) })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }).to_string()
}

fn versions(n: usize) -> String {
    let version = |k: usize| {
        let mut resource = observation(k / 4);
        resource["meta"] = json!({ "versionId": (k % 4).to_string() });
        resource.to_string() + "\n"
    };
    (0..n).map(version).collect()
}

fn specimens(n: usize) -> String {
    let pair = |k: usize| {
        let mut resource = observation(k);
        resource["specimen"] = json!({ "reference": format!("Specimen/{k}") });
        let specimen = json!({ "resourceType": "Specimen", "id": k.to_string(), "type": { "text": format!("x{k}") } });
        format!("{specimen}\n{resource}\n")
    };
    (0..n).map(pair).collect()
}

fn specimen(n: usize) -> String {
    let inside = |k: usize| {
        let mut resource = observation(k);
        resource["specimen"] = json!({ "reference": "#s" });
        resource
    };
    let long = json!({ "resourceType": "Specimen", "id": "s", "type": { "text": "x ".repeat(50_000) } });
    let contained: Vec<Value> = std::iter::once(long).chain((0..n).map(inside)).collect();
    json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "contained": contained }).to_string()
}

fn people(n: usize) -> String {
    let person = |k: usize| {
        let mut resource = observation(k);
        resource["contained"] =
            json!([{ "resourceType": "Patient", "id": "p", "name": [{ "family": format!("P{k}") }] }]);
        resource["subject"] = json!({ "reference": "#p" });
        resource.to_string() + "\n"
    };
    (0..n).map(person).collect()
}

fn holder(n: usize) -> String {
    let inside = |k: usize| {
        let mut resource = observation(k);
        resource.as_object_mut().unwrap().remove("subject");
        resource
    };
    let contained: Vec<Value> = (0..n).map(inside).collect();
    let long = format!("Patient/{}", "a".repeat(100_000));
    json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": { "reference": long }, "contained": contained })
        .to_string()
}

/// The manifest with a table of codes of its own, in which the heart rate has so many names.
fn with_names(manifest: &Manifest, n: usize) -> Manifest {
    let names: Vec<String> = (0..n).map(|k| format!("x{k}")).collect();
    let codes = json!({ "format": "vitrine-codes/1", "variables": [
        { "channel": "Heart Rate", "unit": "/min", "units": { "/min": { "factor": 1 } }, "names": names }] });
    Manifest { codes: Some(serde_json::from_value(codes).unwrap()), ..manifest.clone() }
}

/// What this thread has computed so far: a busy machine is no slow reader. Where the system does not say, the clock.
fn computed(since: Instant) -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = said.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Processor seconds that something takes, the least of three; of what takes less than [`LONG_ENOUGH`] the mean.
fn seconds(once: impl Fn()) -> f64 {
    let measure = |_| {
        let since = Instant::now();
        let before = computed(since);
        let mut times = 0;
        loop {
            once();
            times += 1;
            let took = computed(since).saturating_sub(before).as_secs_f64();
            if took >= LONG_ENOUGH {
                return took / f64::from(times);
            }
        }
    };
    (0..3).map(measure).fold(f64::INFINITY, f64::min)
}

/// Rows of a table: the cells in front of each first one, the least n, and the bytes and seconds that n of it take. Holds
/// the growth.
fn rows_of(what: &str, least: usize, measure: impl Fn(usize) -> (usize, f64)) -> String {
    let mut rows = String::new();
    let mut last = None;
    for n in [least, 4 * least, 16 * least] {
        let (bytes, mut took) = measure(n);
        let ratio = |took: f64| last.map(|last: f64| took / last);
        let is_linear = |took: f64| ratio(took).is_none_or(|ratio| ratio <= RATIO_MAX);
        // What else the machine does can only make it longer: caches are shared.
        for _ in 0..AGAIN {
            took = if is_linear(took) { took } else { took.min(measure(n).1) };
        }
        let ratio = ratio(took);
        assert!(is_linear(took), "{n} of {what}: {ratio:?}");
        let cells = if last.is_none() { what.to_owned() } else { " |".repeat(what.matches(" | ").count()) };
        let times = ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}"));
        let _ = writeln!(rows, "| {cells} | {n} | {:.2} | {took:.4} | {times} |", bytes as f64 / 1e6);
        last = Some(took);
    }
    rows
}

/// Writes a section of the document, and the file that holds it, where that is asked for.
fn write(heading: &str, file: &str, text: &str) {
    let section = format!("\n## {heading}\n\n{text}");
    println!("{section}");
    if std::env::var_os("VITRINE_BLESS").is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = folder.join("docs/bad-files.md");
    let written = std::fs::read_to_string(&document).unwrap();
    let start = format!("\n## {heading}\n");
    let (before, after) = written.split_once(&start).unwrap_or((&written, ""));
    let rest = after.find("\n## ").map_or("", |at| &after[at..]);
    std::fs::write(&document, format!("{before}{section}{rest}")).unwrap();
    std::fs::write(folder.join("tests/records/bad_files").join(file), section).unwrap();
}

const MEASURED: &str = "Measured by `make growth` with an optimised test build, the least of three each; what takes less than 0.1 seconds is repeated until they are over";

#[test]
#[ignore = "measures for a minute; make growth"]
fn growth_of_records() {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let mut table = format!(
        "Processor seconds to read, or to ask about, n, 4n and 16n of what is counted, and how many times as long \
         four times as much takes: at most {RATIO_MAX}. {MEASURED}. A test in \
         `src/stay/fhir.rs` counts what FHIR keeps in memory.\n\n\
         | reader | what is counted | n | MB of text | seconds | times |\n|---|---|--:|--:|--:|--:|\n"
    );
    for (reader, counted, least, text_of) in ALL {
        table += &rows_of(&format!("{reader} | {counted}"), least, |n| {
            let text = text_of(n);
            let read = || {
                let read = Stay::read(&text, &manifest, &ReadOptions::default());
                assert!(read.is_ok() || read.is_err_and(|error| error.question.is_some()));
            };
            (text.len(), seconds(read))
        });
    }
    table += &rows_of("table, with a manifest's own codes | names, and as many rows", 2_000, |n| {
        let manifest = with_names(&manifest, n);
        let text = rows(n, |k| format!("{},x{k},80,/min", hour(k)));
        let read = || assert!(Stay::read(&text, &manifest, &ReadOptions::default()).is_ok());
        (text.len(), seconds(read))
    });
    for (reader, pack) in PACKINGS {
        table += &rows_of(&format!("{reader} | rows of a table in it"), 20_000, |n| {
            let file = pack(&rows(n, |k| format!("{},HR,{},/min", hour(k), 60 + k % 60)));
            let read = || assert!(Stay::open(&file, &manifest, &ReadOptions::default()).is_ok());
            (file.len(), seconds(read))
        });
    }
    write("Growth", "growth.md", &table);
}

#[test]
#[ignore = "measures for a minute; make growth"]
fn growth_of_networks() {
    let mut table = format!(
        "Processor seconds to open a network of n, 4n and 16n of what is counted, and how many times as long four times as \
         many take: at most {RATIO_MAX}. Nearly all of it is tract's: graphs of up to \
         2,000 nodes are decluttered and those of up to 600 turned into what runs fastest, and larger ones are read and run \
         as they were written. {MEASURED}.\n\n\
         | network | n | MB of file | seconds | times |\n|---|--:|--:|--:|--:|\n"
    );
    for (what, shape, least) in NETWORKS {
        table += &rows_of(what, least, |n| {
            let file = shape.file(n);
            let open = || drop(Model::read(&file, None, &HashMap::new()).unwrap());
            (file.len(), seconds(open))
        });
    }
    write("Growth of networks", "growth_of_networks.md", &table);
}
