//! What is taken away: golden files, and a saved view that gives the same pictures again.

use std::path::{Path, PathBuf};

use crate::common::{DEMOS, model, stay};
use vitrine::engine::explain::{Method, Options};
use vitrine::picture::colormap::{Colormap, Palette, Rgb, Scaling};
use vitrine::picture::grid::{Grid, INPUT_LIMIT, Part, rows};
use vitrine::picture::layout::{Layout, LayoutRequest};
use vitrine::picture::pixmap::{Pixmap, Theme, Track};
use vitrine::picture::svg::{FigureWords, Margins, Panel, RowTotals, SvgFigure, to_svg};
use vitrine::picture::totals::Totals;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Edit, EnteredValue, Origin, Since, Stay, StayCell};
use vitrine::study::export::snapshot::{SavedExplanation, Snapshot};
use vitrine::study::export::{Provenance, csv, sha256};
use vitrine::study::history::{History, Joins};
use vitrine::study::import;
use vitrine::study::inspect::Grids;

const LIGHT: Theme = Theme { background: Rgb([0xfb, 0xfa, 0xf8]), ink: Rgb([0x1d, 0x1f, 0x23]) };

fn tiny() -> Manifest {
    let text = r#"{ "format": "vitrine-manifest/1", "name": "tiny", "steps": 12, "step_hours": 1, "columns": 5,
        "outcomes": [{ "name": "death", "threshold": 0.5 }],
        "channels": [
            { "name": "GCS, eye", "label": "GCS eye", "group": "neurological", "columns": [3, 1], "mask": 0,
              "encoding": { "kind": "one-hot", "categories": ["a \"x\"", "b"], "ordinals": [1, 2], "normal": "b" } },
            { "name": "MAP", "label": "MAP <mean>", "group": "haemodynamic", "unit": "mmHg", "columns": [2], "mask": 4,
              "encoding": { "kind": "continuous", "mean": 80, "std": 10, "normal": 80 } }] }"#;
    Manifest::from_json(text).unwrap()
}

/// A stay of the tiny manifest, and a made-up relevance for it.
fn made_up(manifest: &Manifest) -> (Stay, Vec<f64>) {
    let mut stay = Stay::unmeasured(manifest, "made-up");
    stay.edit(manifest, &Edit::set(0, 4, EnteredValue::Category(0))).unwrap();
    stay.edit(manifest, &Edit::set(1, 0, EnteredValue::Value(62.5))).unwrap();
    stay.edit(manifest, &Edit::set(1, 7, EnteredValue::Value(95.0))).unwrap();
    let relevance = (0..60).map(|at| (f64::from(at) * 0.7).sin() / 8.0).collect();
    (stay, relevance)
}

/// A picture with nothing around it.
fn plain_panel(grid: &Grid) -> Panel<'_> {
    Panel {
        title: "R",
        ends: ["", ""],
        grid,
        colormap: Colormap::diverging(Palette::PuOr, LIGHT.background),
        limit: grid.limit(),
        low: -1.0,
        origins: None,
        trace: None,
        has_signs: false,
        hatched: Vec::new(),
        track: None,
        note: None,
        margins: None,
    }
}

/// Its totals in a figure.
fn margins<'a>(grid: &Grid, layout: &Layout, rows: RowTotals<'a>) -> Margins<'a> {
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    Margins { totals: Totals::of(grid, layout), colormap, is_signed: true, rows: Some(rows) }
}

fn provenance() -> Provenance {
    Provenance {
        model_card: "A network of tests, trained on nothing. Research and education only.".into(),
        model: "tiny".into(),
        model_sha256: sha256(b"model"),
        data: "made-up".into(),
        data_sha256: sha256(b"data"),
        n_edits: 1,
        method: "lrp, epsilon 0.01".into(),
        residual: Some(1.2e-9),
        version: "0.0.0".into(),
    }
}

/// Compares with a file of `tests/golden`; where it differs, the text as made is written beside it.
#[track_caller]
fn check(name: &str, actual: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("VITRINE_BLESS").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    if std::fs::read_to_string(&path).ok().as_deref() != Some(actual) {
        let beside = path.with_extension(format!("actual.{}", path.extension().unwrap().to_str().unwrap()));
        std::fs::write(&beside, actual).unwrap();
        panic!("{} differs from {}; look at both, and bless with VITRINE_BLESS=1", beside.display(), path.display());
    }
}

#[test]
fn a_table() {
    let manifest = tiny();
    let (stay, values) = made_up(&manifest);
    let of = |part| Grid::relevance(&values, manifest.columns, &rows(&manifest), part);
    let grids = Grids::new(of(Part::Value), of(Part::Mask));
    let text = csv::to_csv(&manifest, &stay, &grids, &provenance());
    check("export.csv", &text);

    let mut reader = ::csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let (mut sum, mut n) = (0.0, 0);
    for row in reader.records() {
        let row = row.unwrap();
        sum += row[7].parse::<f64>().unwrap() + row[8].parse::<f64>().unwrap();
        n += 1;
    }
    assert_eq!(n, 24);
    assert!((sum - values.iter().sum::<f64>()).abs() < 1e-12, "no relevance is lost on the way into the table");
}

/// What is taken away as a table is a map of its own stay, whole, and of no other.
#[test]
fn a_table_is_a_map_of_its_own_stay_alone() {
    let model = model();
    let manifest = model.manifest();
    let stays = DEMOS.map(|name| stay(&model, name));
    for (at, it) in stays.iter().enumerate() {
        let relevance = model.explain(&it.input, &Options { method: Method::DeepShap, ..Options::default() }).unwrap();
        let text = csv::to_csv(manifest, it, &Grids::relevance(manifest, &relevance), &provenance());
        let map = import::read(text.as_bytes(), manifest, &it.input).unwrap();
        assert_eq!(map.n_unnamed, 0);
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!((sum(&map.values) - sum(&relevance.values)).abs() < 1e-9, "{}", it.name);
        let other = &stays[(at + 1) % stays.len()];
        let error = import::read(text.as_bytes(), manifest, &other.input).unwrap_err().to_string();
        assert!(error.contains("another stay"), "{error}");
    }
}

#[test]
fn a_figure() {
    let manifest = tiny();
    let (stay, values) = made_up(&manifest);
    let request = LayoutRequest { width: 160, cell_height: 18, group_gap: 6, line: 1 };
    let layout = Layout::new(&manifest, request);
    let relevance = Grid::relevance(&values, manifest.columns, &rows(&manifest), Part::Both);
    let input = Grid::input(&stay.input, manifest.columns, &rows(&manifest));
    let origins: Vec<Origin> = stay.cells.iter().map(|cell| cell.origin).collect();
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    let values_in_units: Vec<f64> = stay.cells.iter().map(|cell| cell.value).collect();
    let totals = Totals::of(&relevance, &layout);
    let panels = vec![
        Panel {
            title: "Input",
            ends: ["normal", "far outside"],
            colormap: Colormap::tint(LIGHT.background),
            limit: INPUT_LIMIT,
            low: 0.0,
            origins: Some(origins),
            ..plain_panel(&input)
        },
        Panel {
            title: "Relevance",
            ends: ["lowers", "raises"],
            trace: Some(&values_in_units),
            has_signs: true,
            margins: Some(margins(&relevance, &layout, RowTotals { title: "Total", is_absolute: false, least: 0.0 })),
            ..plain_panel(&relevance)
        },
    ];
    let heading = ["made-up".to_owned(), "Risk of death 81 % & more".to_owned()];
    let footer = provenance().lines();
    let figure = SvgFigure { heading: &heading, panels, footer: &footer, words: &FigureWords::default() };
    let svg = to_svg(&figure, &manifest, &layout, LIGHT);
    check("figure.svg", &svg);
    assert!(svg.contains("MAP &lt;mean&gt;, mmHg") && svg.contains("death 81 % &amp; more"));

    // The rows' totals stand beside their bars, to two digits.
    let written: Vec<f64> = svg
        .split("</text>")
        .filter_map(|text| text.rsplit('>').next()?.replace('\u{2212}', "-").parse().ok())
        .collect();
    for row in &totals.rows {
        let is_close = |number: &f64| (number - row.signed).abs() <= 5e-2 * row.signed.abs();
        assert!(written.iter().any(is_close), "{row:?} is not among {written:?}");
    }
    // A plus stands in a cell that raises by a tenth of the scale or more, a minus in one that lowers.
    let count = |wanted: &dyn Fn(f64) -> bool| relevance.values.iter().filter(|value| wanted(**value)).count();
    let level = relevance.limit() / 10.0;
    assert_eq!(svg.matches("h4M").count(), count(&|value| value >= level));
    assert_eq!(svg.matches("h4\"").count(), count(&|value| value <= -level));

    // A cell of the figure has the colour of the pixel on screen.
    let pixmap = Pixmap::of_grid(&relevance, &layout, &colormap, relevance.limit(), LIGHT);
    let cell = layout.cell(1, 3).unwrap();
    let Rgb([red, green, blue]) = pixmap.pixel(cell.x + 1, cell.y);
    assert!(svg.contains(&format!("fill=\"#{red:02x}{green:02x}{blue:02x}\"")));
}

/// What lies beyond the scale has a mark in its corner, and what stands under a legend stays under its picture.
#[test]
fn a_figure_with_cells_beyond_the_scale() {
    let manifest = tiny();
    let (_, values) = made_up(&manifest);
    let layout = Layout::new(&manifest, LayoutRequest { width: 160, cell_height: 18, group_gap: 6, line: 1 });
    let grid = Grid::relevance(&values, manifest.columns, &rows(&manifest), Part::Both);
    let end = Scaling::Percentile.end(grid.values.iter().copied());
    let document = |limit: f64, note: &str| {
        let panel = Panel { limit, note: Some(note), ..plain_panel(&grid) };
        let figure = SvgFigure { heading: &[], panels: vec![panel], footer: &[], words: &FigureWords::default() };
        to_svg(&figure, &manifest, &layout, LIGHT)
    };
    let height = |svg: &str| svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<u32>().unwrap();
    let said = "Colours end at the 98th percentile; cells beyond the scale have a marked corner.\nThe foot of a row.";
    let (clipped, plain) = (document(end, said), document(grid.limit(), "The foot of a row."));
    let n_beyond = grid.values.iter().filter(|value| value.abs() > end).count();
    assert!(n_beyond > 0);
    assert_eq!((clipped.matches("z\" fill").count(), plain.matches("z\" fill").count()), (n_beyond, 0));
    let lines: Vec<&str> = clipped.lines().filter(|line| line.contains("text-anchor=\"start\"")).collect();
    assert!(lines.iter().any(|line| line.contains(">The foot of a row.<")), "{lines:?}");
    assert!(lines.iter().all(|line| line.rsplit('>').nth(1).is_none_or(|text| text.len() < 40)), "{lines:?}");
    assert!(height(&clipped) >= height(&plain) + 36, "{} and {}", height(&clipped), height(&plain));
}

/// Each cell of a document has two rectangles: its value's colour above, and that of its being measured at the foot.
#[test]
fn a_figure_with_being_measured_at_the_feet_of_the_rows() {
    let manifest = tiny();
    let (_, values) = made_up(&manifest);
    let request = LayoutRequest { width: 160, cell_height: 18, group_gap: 6, line: 1 };
    let layout = Layout::new(&manifest, request).with_track(&manifest, 5);
    let of = |part| Grid::relevance(&values, manifest.columns, &rows(&manifest), part);
    let (grid, track) = (of(Part::Value), Track { grid: of(Part::Mask), hatched: vec![3] });
    let limit = grid.limit().max(track.grid.limit());
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    let panel = Panel {
        title: "Relevance",
        ends: ["lowers", "raises"],
        limit,
        track: Some(&track),
        note: Some("At the foot: that it was measured."),
        ..plain_panel(&grid)
    };
    let (heading, footer) = (["made-up".to_owned()], provenance().lines());
    let figure = SvgFigure { heading: &heading, panels: vec![panel], footer: &footer, words: &FigureWords::default() };
    let svg = to_svg(&figure, &manifest, &layout, LIGHT);
    check("figure-track.svg", &svg);
    assert!(svg.contains(">At the foot: that it was<") && svg.contains(">measured.<"), "broken, not cut off");
    let cells: Vec<&str> =
        svg.lines().filter(|line| line.starts_with("<rect") && line.contains("width=\"13\"")).collect();
    let drawn = |height: u32| -> Vec<&str> {
        let of = format!("height=\"{height}\"");
        cells
            .iter()
            .filter(|line| line.contains(&of))
            .filter_map(|line| line.split("fill=\"").nth(1)?.get(..7))
            .collect()
    };
    for (height, grid) in [(12, &grid), (4, &track.grid)] {
        let colour = |value: &f64| colormap.at(value / limit).0;
        let expected: Vec<String> =
            grid.values.iter().map(colour).map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")).collect();
        assert_eq!(drawn(height), expected, "of {height} pixels");
    }
}

/// The hatching of a document has lines in the cells that are hatched, and in no others.
#[test]
fn a_hatched_figure() {
    let manifest = tiny();
    let (_, values) = made_up(&manifest);
    let layout = Layout::new(&manifest, LayoutRequest { width: 160, cell_height: 18, group_gap: 6, line: 1 });
    let grid = Grid::relevance(&values, manifest.columns, &rows(&manifest), Part::Both);
    let document = |hatched: Vec<usize>| {
        let panel = Panel { hatched, ..plain_panel(&grid) };
        let figure = SvgFigure { heading: &[], panels: vec![panel], footer: &[], words: &FigureWords::default() };
        to_svg(&figure, &manifest, &layout, LIGHT)
    };
    let plain = document(Vec::new());
    let hatched = document(vec![3, grid.n_steps + 1]);
    let paths: Vec<&str> = hatched.lines().filter(|line| !plain.contains(line)).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("<path d=\"M") && path.matches('L').count() > 3), "{paths:?}");
    assert_eq!(document(vec![9999]), plain, "a cell that there is not is not drawn");
}

/// Totals of magnitudes have no sign, and one that is next to none is said to be that.
#[test]
fn totals_are_written_as_they_are_counted() {
    let manifest = tiny();
    let mut values = vec![0.0; manifest.steps * manifest.columns];
    let layout = Layout::new(&manifest, LayoutRequest { width: 160, cell_height: 18, group_gap: 24, line: 1 });
    (values[2], values[3], values[manifest.columns + 2]) = (-1.25, 0.004, 0.5);
    let grid = Grid::relevance(&values, manifest.columns, &rows(&manifest), Part::Both);
    let written = |is_absolute: bool, least: f64| {
        let margins = margins(&grid, &layout, RowTotals { title: "", is_absolute, least });
        let panel = Panel { margins: Some(margins), ..plain_panel(&grid) };
        let figure = SvgFigure { heading: &[], panels: vec![panel], footer: &[], words: &FigureWords::default() };
        to_svg(&figure, &manifest, &layout, LIGHT)
    };
    let (signed, absolute) = (written(false, 0.01), written(true, 0.0));
    assert!(signed.contains(">\u{2212}0.75<") && signed.contains(">~0<") && !signed.contains(">+0.0040<"), "{signed}");
    assert!(absolute.contains(">1.8<") && absolute.contains(">0.0040<") && !absolute.contains(">~0<"), "{absolute}");
}

/// In another language a figure says the same of the same cells, in other words.
#[test]
fn a_figure_in_another_language() {
    let manifest = tiny();
    let (_, values) = made_up(&manifest);
    let layout = Layout::new(&manifest, LayoutRequest { width: 160, cell_height: 18, group_gap: 24, line: 1 });
    let grid = Grid::relevance(&values, manifest.columns, &rows(&manifest), Part::Both);
    let document = |words: &FigureWords| {
        let rows = RowTotals { title: "\u{3a3}", is_absolute: false, least: 0.0 };
        let margins = Some(margins(&grid, &layout, rows));
        let panel = Panel { ends: ["\u{2193}", "\u{2191}"], margins, ..plain_panel(&grid) };
        to_svg(&SvgFigure { heading: &[], panels: vec![panel], footer: &[], words }, &manifest, &layout, LIGHT)
    };
    let words = FigureWords {
        channels: vec!["\u{531}\u{579}\u{584}".into(), "\u{544}\u{536}\u{543}, \u{574}\u{574}".into()],
        groups: [("haemodynamic".into(), "\u{570}\u{565}\u{574}\u{578}".into())].into(),
        hour: Some(" \u{56a}".into()),
        decimal: Some(",".into()),
        notice: Some("\u{54e}\u{561}\u{580}\u{56a}".into()),
    };
    let (plain, translated) = (document(&FigureWords::default()), document(&words));
    for own in ["GCS eye", "MAP &lt;mean&gt;, mmHg", "Haemodynamic", ">0 h<"] {
        assert!(plain.contains(own) && !translated.contains(own), "{own}");
    }
    for own in [
        "\u{531}\u{579}\u{584}",
        "\u{544}\u{536}\u{543}, \u{574}\u{574}",
        "\u{540}\u{565}\u{574}\u{578}",
        ">0 \u{56a}<",
        "\u{54e}\u{561}\u{580}\u{56a}",
    ] {
        assert!(translated.contains(own), "{own}");
    }
    assert!(translated.contains("Neurological"), "what has no other name keeps the manifest's");
    // Every number that is written is the same one, but for its decimal mark.
    let numbers = |svg: &str| -> Vec<f64> {
        let texts = svg.split("</text>").filter_map(|text| text.rsplit('>').next()).map(str::to_owned);
        texts.filter_map(|text| text.replace('\u{2212}', "-").replace(',', ".").parse().ok()).collect()
    };
    assert_eq!(numbers(&plain), numbers(&translated));
    assert!(numbers(&plain).len() > 4);
}

#[test]
fn a_saved_view_gives_the_same_pictures_again() {
    let model = model();
    let manifest = model.manifest();
    let mut history = History::new(&model, stay(&model, "septic-shock"), 0).unwrap();
    let original = history.stay().clone();
    history.edit(&model, Edit::set(5, 12, EnteredValue::Value(1.0 / 3.0 + 90.0)), Joins::Never).unwrap();
    history.edit(&model, Edit::clear(3, 0, 20), Joins::Never).unwrap();
    let input = history.stay().input.clone();
    let gradient = Options { method: Method::Gradient, ..Options::default() };
    let made = [model.explain(&input, &Options::default()).unwrap(), model.explain(&input, &gradient).unwrap()];

    let edits = history.edits().cloned().collect();
    let how = serde_json::json!({ "epsilon": 0.01 });
    let explained =
        [("lrp", &made[0]), ("gradient", &made[1])].map(|(name, one)| SavedExplanation::of(name, how.clone(), one));
    let made_with = Provenance { model_sha256: sha256(b"model"), ..provenance() };
    let view = serde_json::json!({ "palette": "puor" });
    let snapshot = Snapshot::new(manifest, made_with, &original, edits, 0, explained.to_vec(), view);
    let text = snapshot.to_json().unwrap();
    assert!(Snapshot::is_one(&text));
    let read = Snapshot::from_json(&text).unwrap();
    assert_eq!(read, snapshot, "every number survives");
    let (restored, relevances) = read.restore(&model, &sha256(b"model")).unwrap();
    let since = Since { n_edits: 2, known_steps: None, is_from_view: true };
    assert_eq!(*restored.stay(), Stay { since, ..history.stay().clone() });
    let relevances: Vec<_> = relevances.into_iter().map(|it| it.mean).collect();
    assert_eq!(relevances, made);

    let layout = Layout::new(manifest, LayoutRequest { width: 480, cell_height: 18, group_gap: 6, line: 1 });
    let picture = |values: &[f64]| {
        let grid = Grid::relevance(values, manifest.columns, &rows(manifest), Part::Both);
        Pixmap::of_grid(&grid, &layout, &Colormap::diverging(Palette::PuOr, LIGHT.background), grid.limit(), LIGHT)
    };
    assert_eq!(picture(&relevances[0].values), picture(&made[0].values));
}

#[track_caller]
fn check_refused(change: impl FnOnce(&mut serde_json::Value), words: &str) {
    let model = model();
    let original = stay(&model, "stable");
    let made = model.explain(&original.input, &Options::default()).unwrap();
    let explained = vec![SavedExplanation::of("lrp", serde_json::Value::Null, &made)];
    let nothing = serde_json::Value::Null;
    let snapshot = Snapshot::new(model.manifest(), provenance(), &original, Vec::new(), 0, explained, nothing);
    let mut value: serde_json::Value = serde_json::from_str(&snapshot.to_json().unwrap()).unwrap();
    change(&mut value);
    let read = Snapshot::from_json(&value.to_string()).and_then(|read| read.restore(&model, &sha256(b"model")));
    let error = read.unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn what_does_not_fit_is_refused() {
    check_refused(|it| it["format"] = "vitrine-view/2".into(), "this version reads \"vitrine-view/1\"");
    check_refused(|it| it["format"] = 1.into(), "no field \"format\"");
    check_refused(|it| it["provenance"]["modelSha256"] = "00".into(), "open that model first");
    check_refused(|it| it["explanations"][0]["probability"] = 0.999.into(), "the file was changed");
    check_refused(|it| it["explanations"][0]["relevance"] = serde_json::json!([1.0]), "has 1 numbers");
    check_refused(|it| it["stay"]["readings"]["pulse"] = serde_json::json!({}), "no channel of the model");
    check_refused(|it| it["stay"]["readings"]["pH"] = serde_json::json!({ "99": 7.4 }), "steps 0 to 47");
    check_refused(|it| it["stay"]["readings"]["pH"] = serde_json::json!({ "9": "sour" }), "takes a number");
    check_refused(|it| it["surprise"] = 1.into(), "surprise");
    check_refused(
        |it| it["edits"] = serde_json::json!([{ "channel": 99, "start": 0, "readings": [null] }]),
        "edits[0]",
    );
    assert!(Snapshot::from_json("{").is_err());
}

#[test]
fn a_cell_is_an_entry() {
    let cell = StayCell { value: 3.0, category: Some(2), origin: Origin::Observed };
    assert_eq!(EnteredValue::from(cell), EnteredValue::Category(2));
}
