//! Explains every stay of a folder, on all cores, into one CSV file: a row a stay, with its probability and the relevance of
//! every channel.
//!
//! ```text
//! cargo run --release --example explain -- MODEL.onnx FOLDER OUT.csv [--threads N] [--cells]
//! ```
//!
//! `--cells` writes the relevance of every channel and step instead of the channels' sums. An OUT.csv that is there
//! already is gone on with: stays that it names are not explained again, and a last row that was cut off is.
//! Each record of the formats that the page reads (`.csv`, `.txt`, `.psv`, `.json`, `.ndjson`) is one stay.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use vitrine::Model;
use vitrine::engine::explain::Options;
use vitrine::engine::explain::relevance::Relevance;
use vitrine::stay::{Format, Stay};
use vitrine::study::table::{CsvCell, line};

const USAGE: &str = "explain MODEL.onnx FOLDER OUT.csv [--threads N] [--cells]";
const ENDINGS: [&str; 5] = ["csv", "txt", "psv", "json", "ndjson"];

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What the command line asks for.
struct Request {
    model: PathBuf,
    folder: PathBuf,
    out: PathBuf,
    n_threads: usize,
    cells: bool,
}

fn main() -> Result<()> {
    let request = Request::from_args(std::env::args().skip(1))?;
    let model = read_model(&request.model)?;
    let header = header(&model, request.cells);
    let done = resume(&request.out, &header)?;
    let all = records(&request.folder)?;
    let is_done = |file: &PathBuf| done.contains(&CsvCell::from(name(file).as_str()).to_string());
    let todo: Vec<PathBuf> = all.into_iter().filter(|file| !is_done(file)).collect();
    let out = BufWriter::new(OpenOptions::new().append(true).open(&request.out)?);
    let (sender, receiver) = channel();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..request.n_threads {
            let (model, todo, next, rows) = (&model, &todo, &next, sender.clone());
            scope.spawn(move || work(model, todo, next, request.cells, &rows));
        }
        drop(sender);
        write(out, &receiver, todo.len(), done.len())
    })
}

impl Request {
    fn from_args(args: impl Iterator<Item = String>) -> Result<Self> {
        let mut request = Self {
            model: PathBuf::new(),
            folder: PathBuf::new(),
            out: PathBuf::new(),
            n_threads: std::thread::available_parallelism().map_or(1, usize::from),
            cells: false,
        };
        let mut files = vec![];
        let mut args = args;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--cells" => request.cells = true,
                "--threads" => {
                    let n = args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                    request.n_threads = n.ok_or("--threads needs a number from 1")?;
                }
                option if option.starts_with('-') => return Err(format!("{option} is no option; {USAGE}").into()),
                file => files.push(PathBuf::from(file)),
            }
        }
        let [model, folder, out] = <[PathBuf; 3]>::try_from(files).map_err(|_| USAGE)?;
        Ok(Self { model, folder, out, ..request })
    }
}

/// Reads the model, and its weights where they lie in a file beside it.
fn read_model(file: &Path) -> Result<Model> {
    let named = |error: &dyn Error| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(|error| named(&error))?;
    let mut external = HashMap::new();
    let data = PathBuf::from(format!("{}.data", file.display()));
    if data.exists() {
        external.insert(name(&data), fs::read(&data)?);
    }
    Model::read(&bytes, None, &external).map_err(|error| named(&error).into())
}

/// The records of a folder, in the order of their names.
fn records(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
    });
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn header(model: &Model, cells: bool) -> String {
    let quantities = ["stay", "error", "probability", "score", "residual", "biases", "initial_states", "epsilon"];
    let mut columns = quantities.map(CsvCell::from).to_vec();
    for channel in &model.manifest().channels {
        if cells {
            columns
                .extend((0..model.n_steps()).map(|step| CsvCell::from(format!("{} @{step}", channel.name).as_str())));
        } else {
            columns.push(channel.name.as_str().into());
        }
    }
    line(columns)
}

/// The stays that OUT.csv has already. It is made with its header where it is not there, and a last row without its line
/// end, which an interruption leaves, is taken away.
fn resume(out: &Path, header: &str) -> Result<HashSet<String>> {
    if !out.exists() {
        fs::write(out, header)?;
    }
    let text = fs::read_to_string(out)?;
    let whole = text.rfind('\n').map_or(0, |at| at + 1);
    File::options().write(true).open(out)?.set_len(whole as u64)?;
    if !text[..whole].starts_with(header) {
        let message = "its header is not what this model and these options write; name another file";
        return Err(format!("{}: {message}", out.display()).into());
    }
    // Rows of earlier versions end after the error.
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(&text.as_bytes()[..whole]);
    rows.records().map(|row| Ok(row?.get(0).unwrap_or_default().to_owned())).collect()
}

/// Explains one stay after another until there is none left.
fn work(model: &Model, todo: &[PathBuf], next: &AtomicUsize, cells: bool, rows: &Sender<(String, bool)>) {
    while let Some(file) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
        let found = explain(model, file);
        let row = (row(model, &name(file), found.as_ref().map_err(AsRef::as_ref), cells), found.is_err());
        if rows.send(row).is_err() {
            return;
        }
    }
}

fn explain(model: &Model, file: &Path) -> Result<Relevance> {
    let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
    let stay = Stay::parse(&text, model.manifest(), Format::Auto, &name(file))?;
    Ok(model.explain(&stay.input, &Options::default())?)
}

fn row(
    model: &Model,
    stay: &str,
    found: std::result::Result<&Relevance, &(dyn Error + Send + Sync)>,
    cells: bool,
) -> String {
    let error = found.err().map(ToString::to_string);
    let found = found.ok();
    let ledger = found.and_then(|relevance| relevance.ledger).unwrap_or_default();
    let quantities = found.map(|it| {
        [it.probability, it.score, it.residual(), ledger.biases, ledger.initial_states, ledger.epsilon].map(Some)
    });
    let numbers = quantities.unwrap_or_default().into_iter().chain(amounts(model, found, cells));
    line([CsvCell::from(stay), error.as_deref().into()].into_iter().chain(numbers.map(CsvCell::from)))
}

/// The relevance of every channel, or of every channel and step; nothing of a record that could not be read.
fn amounts(model: &Model, found: Option<&Relevance>, cells: bool) -> Vec<Option<f64>> {
    let channels = &model.manifest().channels;
    let n_amounts = channels.len() * if cells { model.n_steps() } else { 1 };
    let Some(relevance) = found else { return vec![None; n_amounts] };
    let mut amounts = Vec::with_capacity(n_amounts);
    for channel in channels {
        let columns = || channel.columns.iter().chain(&channel.mask);
        let cell = |step: &[f64]| columns().map(|column| step[*column]).sum::<f64>();
        let steps = relevance.values.chunks_exact(model.n_columns()).map(cell);
        if cells { amounts.extend(steps.map(Some)) } else { amounts.push(Some(steps.sum())) }
    }
    amounts
}

/// Writes rows as they come, and tells how far it is.
fn write(mut out: BufWriter<File>, rows: &Receiver<(String, bool)>, n_todo: usize, n_done: usize) -> Result<()> {
    let (start, mut told) = (Instant::now(), Instant::now());
    let is_terminal = std::io::stderr().is_terminal();
    let (mut n, mut n_failed) = (0, 0);
    for (row, is_failure) in rows {
        n += 1;
        n_failed += usize::from(is_failure);
        out.write_all(row.as_bytes())?;
        if told.elapsed() > Duration::from_millis(if is_terminal { 200 } else { 5000 }) {
            told = Instant::now();
            // What is written survives an interruption.
            out.flush()?;
            eprint!("{}", if is_terminal { "\r" } else { "" });
            eprint!("{}{}", bar(n, n_todo, start), if is_terminal { "" } else { "\n" });
        }
    }
    out.flush()?;
    let seconds = start.elapsed().as_secs_f64();
    let rate = n as f64 / seconds.max(1e-9) * 60.0;
    eprintln!(
        "\r{n} stays in {seconds:.1} s, {rate:.0} a minute; {n_failed} could not be read; {n_done} were there already"
    );
    Ok(())
}

fn bar(n: usize, of: usize, start: Instant) -> String {
    const WIDTH: usize = 30;
    let filled = WIDTH * n / of.max(1);
    let left = start.elapsed().as_secs_f64() / n.max(1) as f64 * (of - n) as f64;
    format!("[{}{}] {n} of {of}, {left:.0} s left ", "#".repeat(filled), ".".repeat(WIDTH - filled))
}
