//! Golden pictures: what the page would show, byte for byte.
//!
//! The pictures are `tests/golden/*.png`. Where one differs, the picture as painted is written beside it as
//! `<name>.actual.png`. Look at both; where the new one is right, run the test with `VITRINE_BLESS=1`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vitrine::engine::explain::relevance::{Relevance, ScoreUnit};
use vitrine::picture::colormap::{Colormap, Palette, Rgb, Scaling};
use vitrine::picture::course::Course;
use vitrine::picture::grid::{Grid, GridRow, INPUT_LIMIT, Part, rows};
use vitrine::picture::layout::{Arrangement, Layout, LayoutRequest};
use vitrine::picture::pixmap::{Content, CourseRequest, Painter, Pixmap, Theme, Track};
use vitrine::picture::totals::Totals;
use vitrine::stay::manifest::{Encoding, Manifest};
use vitrine::stay::{ImportReport, Origin, Since, Stay, StayCell};
use vitrine::study::inspect::{Grids, inspect, inspect_all};
use vitrine::study::summary::Prediction;

const LIGHT: Theme = Theme { background: Rgb([0xfb, 0xfa, 0xf8]), ink: Rgb([0x1d, 0x1f, 0x23]) };
const DARK: Theme = Theme { background: Rgb([0x16, 0x18, 0x1c]), ink: Rgb([0xe6, 0xe4, 0xdf]) };

#[test]
fn the_input_in_the_light() {
    check("input-light", &input(LIGHT, 1));
}

#[test]
fn the_input_in_the_dark_at_double_density() {
    check("input-dark-2x", &input(DARK, 2));
}

#[test]
fn relevance_in_the_light() {
    check("relevance-light", &relevance(LIGHT, Palette::PuOr, Part::Value));
}

#[test]
fn relevance_in_the_dark() {
    check("relevance-dark", &relevance(DARK, Palette::PuOr, Part::Value));
}

#[test]
fn relevance_of_the_masks() {
    check("relevance-mask", &relevance(LIGHT, Palette::PuOr, Part::Mask));
}

#[test]
fn relevance_in_the_papers_colours() {
    check("relevance-seismic", &relevance(LIGHT, Palette::Seismic, Part::Both));
}

#[test]
fn relevance_in_muted_red_and_blue() {
    check("relevance-rdbu", &relevance(DARK, Palette::RdBu, Part::Both));
}

#[test]
fn the_gradient() {
    let manifest = manifest();
    let grid = Grid::magnitude(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    let colormap = Colormap::sequential(LIGHT.background);
    check("gradient-light", &Pixmap::of_grid(&grid, &layout(&manifest, 1), &colormap, grid.limit(), LIGHT));
}

#[test]
fn relevance_with_signs_and_the_trace_of_the_values() {
    let (manifest, stay) = (manifest(), stay());
    let layout = layout(&manifest, 2);
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    let colormap = Colormap::diverging(Palette::Vik, LIGHT.background);
    let mut pixmap = Pixmap::of_grid(&grid, &layout, &colormap, grid.limit(), LIGHT);
    let values: Vec<f64> = stay.cells.iter().map(|cell| cell.value).collect();
    pixmap.trace(&values, &layout, LIGHT);
    pixmap.sign(&grid, &layout, grid.limit(), LIGHT);
    check("relevance-signs-trace-2x", &pixmap);
}

/// Hatched are the cells that are named, each by as many pixels as diagonals cross it, and no pixel of any other cell.
#[test]
fn relevance_with_some_cells_hatched() {
    let manifest = manifest();
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    for (name, theme, density) in [("relevance-hatched", LIGHT, 1), ("relevance-hatched-dark-2x", DARK, 2)] {
        let layout = layout(&manifest, density);
        let colormap = Colormap::diverging(Palette::PuOr, theme.background);
        let plain = Pixmap::of_grid(&grid, &layout, &colormap, grid.limit(), theme);
        let hatched = [0, 5, 6, 17, 12 + 11, 40];
        let mut pixmap = plain.clone();
        pixmap.hatch(&hatched, grid.n_steps, &layout, theme);
        for cell in 0..grid.n_rows * grid.n_steps {
            let at = layout.cell(cell / grid.n_steps, cell % grid.n_steps).unwrap();
            let places = || (at.y..at.y + at.height).flat_map(|y| (at.x..at.x + at.width).map(move |x| (x, y)));
            let changed = places().filter(|(x, y)| pixmap.pixel(*x, *y) != plain.pixel(*x, *y)).count();
            let is_line = |(x, y): &(u32, u32)| {
                let is_ruled = layout.rules().any(|rule| (rule..rule + layout.line).contains(x));
                (x + y) % (4 * layout.line) < layout.line && *y < at.y + at.height - layout.line && !is_ruled
            };
            let expected = if hatched.contains(&cell) { places().filter(is_line).count() } else { 0 };
            assert_eq!(changed, expected, "{name}, cell {cell}");
        }
        check(name, &pixmap);
    }
}

/// Above stands what the picture of the values has, at the foot what that of being measured has, on the scale of both.
#[test]
fn relevance_with_being_measured_at_the_feet_of_the_rows() {
    let (manifest, stay, explained) = (manifest(), stay(), explained());
    let of = |part| Grid::relevance(&explained.values, manifest.columns, &rows(&manifest), part);
    let (values, measuring) = (of(Part::Value), of(Part::Mask));
    let limit = values.limit().max(measuring.limit());
    for (name, theme, density) in [("relevance-track", LIGHT, 1), ("relevance-track-dark-2x", DARK, 2)] {
        let layout = layout(&manifest, density).with_track(&manifest, 5 * density);
        let colormap = Colormap::diverging(Palette::PuOr, theme.background);
        let content = |is_full: bool| Content {
            grid: values.clone(),
            limit,
            origins: vec![],
            trace: if is_full { stay.cells.iter().map(|cell| cell.value).collect() } else { vec![] },
            hatched: if is_full { vec![0, 5, 40] } else { vec![] },
            track: Some(Track { grid: measuring.clone(), hatched: if is_full { vec![6, 40] } else { vec![] } }),
        };
        let paint = |is_full| {
            Painter { layout: &layout, colormap: &colormap, theme, has_signs: is_full }.paint(&content(is_full))
        };
        let plain = paint(false);
        for (row, step) in (0..4).flat_map(|row| (0..12).map(move |step| (row, step))) {
            let cell = layout.cell(row, step).unwrap();
            let colour = |grid: &Grid| colormap.at(grid.at(row, step).unwrap() / limit);
            // A height has no mask: its row is painted whole.
            let foot = cell.height - if row == 3 { 0 } else { 5 * density };
            for down in 0..cell.height {
                let grid = if down < foot { &values } else { &measuring };
                let is_line = [foot, cell.height].iter().any(|end| (end - density..*end).contains(&down));
                let seen = plain.pixel(cell.x + cell.width / 2, cell.y + down);
                assert_eq!(seen == colour(grid), !is_line, "{name}, row {row}, step {step}, {down} down");
            }
        }
        check(name, &paint(true));
    }
}

#[test]
fn a_window_with_a_folded_group_and_rows_in_another_order() {
    let manifest = manifest();
    let arrangement =
        Arrangement { order: vec![3, 2], collapsed: vec![manifest.channels[0].group.clone()], window: Some([3, 9]) };
    let layout = Layout::arranged(&manifest, request(1), &arrangement);
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    let pixmap = Pixmap::of_grid(&grid, &layout, &colormap, grid.limit(), LIGHT);
    // The same cell has the same colour as in the whole picture: a window is no new scale.
    let whole = relevance(LIGHT, Palette::PuOr, Part::Value);
    let here = layout.cell(3, 5).unwrap();
    let there = Layout::new(&manifest, request(1)).cell(3, 5).unwrap();
    assert_eq!(pixmap.pixel(here.x + 1, here.y), whole.pixel(there.x + 1, there.y));
    check("relevance-arranged", &pixmap);
}

#[test]
fn margins_as_bars() {
    let manifest = manifest();
    let (grid, layout) =
        (Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value), layout(&manifest, 1));
    let totals = Totals::of(&grid, &layout);
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    check("totals-rows", &Pixmap::of_row_totals(&totals, &layout, 81, true, &colormap, LIGHT));
    check("totals-steps", &Pixmap::of_step_totals(&totals, &layout, 41, true, &colormap, LIGHT));
    let magnitudes =
        Totals::of(&Grid::magnitude(&explained().values, manifest.columns, &rows(&manifest), Part::Value), &layout);
    let colormap = Colormap::sequential(DARK.background);
    check("totals-rows-magnitude", &Pixmap::of_row_totals(&magnitudes, &layout, 81, false, &colormap, DARK));
}

#[test]
fn the_course_of_one_channel() {
    let (manifest, stay) = (manifest(), stay());
    let (layout, request) = (layout(&manifest, 2), CourseRequest { height: 120, band: 16 });
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    for (name, row, theme) in [("course", 1, LIGHT), ("course-categories-dark", 0, DARK)] {
        let colormap = Colormap::diverging(Palette::PuOr, theme.background);
        let course = Course::of(&manifest, &stay, row).unwrap();
        let relevance = [&grid.values[12 * row..12 * (row + 1)]];
        check(name, &Pixmap::of_course(&course, &relevance, grid.limit(), &layout, request, (&colormap, theme)));
    }
    // With its being measured at the foot of the band.
    let (course, colormap) = (Course::of(&manifest, &stay, 1).unwrap(), Colormap::sequential(LIGHT.background));
    let both = [[0.25; 12], [1.0; 12]];
    let both: Vec<&[f64]> = both.iter().map(<[f64; 12]>::as_slice).collect();
    let pixmap = Pixmap::of_course(&course, &both, 1.0, &layout, request, (&colormap, LIGHT));
    let ends = [LIGHT.background, LIGHT.background.mix(LIGHT.ink, 0.14)];
    let band: Vec<Rgb> = (104..120).map(|y| pixmap.pixel(5, y)).collect();
    let expected = [vec![colormap.at(0.25); 10], vec![ends[0]; 2], vec![colormap.at(1.0); 2], vec![ends[1]; 2]];
    assert_eq!(band, expected.concat());
    let categories = Course::of(&manifest, &stay, 0).unwrap().ticks;
    assert_eq!(categories.iter().map(|tick| tick.value).collect::<Vec<_>>(), [0.0, 2.0, 4.0]);
    assert_eq!(categories[2].category.as_deref(), Some("Spontaneously"));
    assert_eq!(Course::of(&manifest, &stay, 4), None);
}

#[test]
fn colour_bars() {
    check("bar-signed", &Pixmap::of_bar(121, 8, -1.0, &Colormap::diverging(Palette::PuOr, LIGHT.background)));
    check("bar-magnitude", &Pixmap::of_bar(121, 8, 0.0, &Colormap::sequential(DARK.background)));
    check("bar-record-dark", &Pixmap::of_bar(121, 8, 0.0, &Colormap::tint(DARK.background)));
}

/// The first row is of categories; of the second 90 to 140 is normal, of the third and the fourth nothing is said.
#[test]
fn a_value_within_its_normal_range_is_neutral_and_a_mark_says_on_which_side_another_lies() {
    let manifest = manifest();
    let Encoding::Continuous { mean, std, .. } = manifest.channels[1].encoding else { panic!("a number") };
    let mut stay = stay();
    let values = [60.0, 90.0, 115.0, 140.0, 150.0, 230.0, 999.0];
    for (step, value) in values.into_iter().enumerate() {
        stay.input[step * manifest.columns + 3] = ((value - mean) / std) as f32;
    }
    let grid = Grid::input(&stay.input, manifest.columns, &rows(&manifest));
    let row = &grid.values[12..12 + values.len()];
    assert!(row[0] < 0.0 && row[1..4].iter().all(|it| *it == 0.0) && row[4] > 0.0 && row[5] > row[4], "{row:?}");
    assert_eq!(row[6], INPUT_LIMIT, "what lies farther out is drawn like the end, and nothing is beyond it");
    for theme in [LIGHT, DARK] {
        let (layout, colormap) = (layout(&manifest, 2), Colormap::tint(theme.background));
        let painter = Painter { layout: &layout, colormap: &colormap, theme, has_signs: false };
        let plain = painter.paint(&content(grid.clone(), INPUT_LIMIT));
        let marked =
            painter.paint(&Content { origins: vec![Origin::Observed; 48], ..content(grid.clone(), INPUT_LIMIT) });
        let heights = |step: usize| {
            let cell = layout.cell(1, step).unwrap();
            assert_eq!(plain.pixel(cell.x + 5, cell.y + 5) == theme.background, (1..4).contains(&step), "step {step}");
            let x = cell.x + cell.width / 2;
            let dotted = (cell.y..cell.y + cell.height).filter(|y| marked.pixel(x, *y) != plain.pixel(x, *y));
            dotted.map(|y| y - cell.y).collect::<Vec<_>>()
        };
        let half = (layout.cell_height - layout.line) / 2;
        assert!(heights(0).iter().all(|y| *y >= half) && heights(5).iter().all(|y| *y < half));
        assert!(heights(2).contains(&half), "{:?}", heights(2));
    }
}

/// On a scale to the 98th percentile the few cells beyond it have a mark in their corner, and no others.
#[test]
fn relevance_to_the_98th_percentile_and_by_the_root() {
    let manifest = manifest();
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), Part::Value);
    let end = Scaling::Percentile.end(grid.values.iter().copied());
    for (name, theme, density) in [("relevance-clipped", LIGHT, 1), ("relevance-clipped-dark-2x", DARK, 2)] {
        let (layout, colormap) = (layout(&manifest, density), Colormap::diverging(Palette::PuOr, theme.background));
        let painter = Painter { layout: &layout, colormap: &colormap, theme, has_signs: false };
        let pixmap = painter.paint(&content(grid.clone(), end));
        for (at, value) in grid.values.iter().enumerate() {
            let cell = layout.cell(at / grid.n_steps, at % grid.n_steps).unwrap();
            let corner = pixmap.pixel(cell.x + cell.width - 1, cell.y);
            let is_marked = corner != pixmap.pixel(cell.x + layout.line, cell.y + cell.height - 2 * layout.line);
            assert_eq!(is_marked, value.abs() > end, "{name}, cell {at}");
        }
        let n_beyond = grid.values.iter().filter(|value| value.abs() > end).count();
        assert!((1..=2).contains(&n_beyond), "{n_beyond}");
        check(name, &pixmap);
    }
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background).scaled(Scaling::Root);
    let layout = layout(&manifest, 1);
    let painter = Painter { layout: &layout, colormap: &colormap, theme: LIGHT, has_signs: false };
    check("relevance-root", &painter.paint(&content(grid.clone(), grid.limit())));
}

#[test]
fn nothing_relevant_is_drawn_as_the_background() {
    let manifest = manifest();
    let nothing = vec![0.0; manifest.steps * manifest.columns];
    let grid = Grid::relevance(&nothing, manifest.columns, &rows(&manifest), Part::Both);
    let layout = layout(&manifest, 1);
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    let pixmap = Pixmap::of_grid(&grid, &layout, &colormap, grid.limit(), LIGHT);
    let cell = layout.cell(2, 3).unwrap();
    assert_eq!(pixmap.pixel(cell.x, cell.y), LIGHT.background);
}

#[test]
fn only_warm_colours_where_all_relevance_raises_the_risk() {
    let manifest = manifest();
    let raised: Vec<f64> = explained().values.iter().map(|value| value.abs()).collect();
    let grid = Grid::relevance(&raised, manifest.columns, &rows(&manifest), Part::Value);
    let layout = layout(&manifest, 1);
    let colormap = Colormap::diverging(Palette::PuOr, LIGHT.background);
    let pixmap = Pixmap::of_grid(&grid, &layout, &colormap, grid.limit(), LIGHT);
    for (row, step) in (0..4).flat_map(|row| (0..12).map(move |step| (row, step))) {
        let cell = layout.cell(row, step).unwrap();
        let Rgb([red, _, blue]) = pixmap.pixel(cell.x + 1, cell.y);
        assert!(red >= blue, "row {row}, step {step}");
    }
}

#[test]
fn the_value_and_the_measuring_of_it_are_inspected_apart() {
    let (manifest, stay) = (manifest(), stay());
    let mut explained = explained();
    explained.values.fill(0.0);
    explained.values[5 * 9 + 3] = -0.3;
    explained.values[6 * 9 + 4] = 0.1;
    explained.values[5 * 9 + 7] = 0.02;
    let grids = Grids::relevance(&manifest, &explained);
    let seen = inspect(&manifest, &stay, Some(&grids), None, 1, 5).unwrap();
    assert_eq!((seen.channel.as_str(), seen.unit.as_str(), seen.hours), ("Systolic BP", "mm[Hg]", [5.0, 6.0]));
    assert_eq!((seen.value, seen.origin), (stay.cells[12 + 5].value, Origin::CarriedForward { age: 3 }));
    assert_eq!(seen.gradient, None);
    let amounts = seen.relevance.unwrap();
    assert_eq!((amounts.value, amounts.mask, amounts.mask_share), (-0.3, 0.02, 1.0));
    assert!((amounts.value_share - 0.75).abs() < 1e-12);
}

/// A share is `|amount| / sum of the magnitudes of all cells`, here summed for each cell anew.
#[test]
fn the_shares_of_all_cells_are_of_the_sum_of_the_magnitudes() {
    let (manifest, stay, explained) = (manifest(), stay(), explained());
    for (grids, grid) in [
        (Grids::relevance(&manifest, &explained), Grid::relevance as fn(&[f64], usize, &[GridRow], Part) -> Grid),
        (Grids::magnitude(&manifest, &explained), Grid::magnitude),
    ] {
        let share = |part, at: usize| {
            let values = grid(&explained.values, manifest.columns, &rows(&manifest), part).values;
            values[at].abs() / values.iter().map(|value| value.abs()).sum::<f64>()
        };
        let all = inspect_all(&manifest, &stay, Some(&grids), None);
        assert_eq!(all.len(), 4 * 12);
        for (at, cell) in all.iter().enumerate() {
            let amounts = cell.relevance.unwrap();
            assert_eq!(amounts.value_share, share(Part::Value, at), "cell {at}");
            assert_eq!(amounts.mask_share, share(Part::Mask, at), "cell {at}");
        }
        let sum: f64 = all.iter().map(|cell| cell.relevance.unwrap().value_share).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
}

#[test]
fn a_category_is_inspected_by_its_text() {
    let seen = inspect(&manifest(), &stay(), None, None, 0, 0).unwrap();
    assert_eq!(seen.category.as_deref(), Some("Spontaneously"));
    assert_eq!(seen.origin, Origin::Normal);
}

#[test]
fn outside_the_grid_there_is_nothing_to_inspect() {
    let (manifest, stay) = (manifest(), stay());
    assert_eq!(inspect(&manifest, &stay, None, None, 4, 0), None);
    assert_eq!(inspect(&manifest, &stay, None, None, 0, 12), None);
}

#[test]
fn a_probability_at_the_threshold_predicts_zero() {
    let at_threshold = Relevance { probability: 0.5, ..explained() };
    assert_eq!(Prediction::of(&manifest(), &at_threshold, 0).predicted_label, 0);
}

fn manifest() -> Manifest {
    serde_json::from_str(include_str!("../golden/manifest.json")).unwrap()
}

fn layout(manifest: &Manifest, density: u32) -> Layout {
    Layout::new(manifest, request(density))
}

const fn request(density: u32) -> LayoutRequest {
    LayoutRequest { width: 120 * density, cell_height: 20 * density, group_gap: 6 * density, line: density }
}

fn input(theme: Theme, density: u32) -> Pixmap {
    let (manifest, stay) = (manifest(), stay());
    let layout = layout(&manifest, density);
    let grid = Grid::input(&stay.input, manifest.columns, &rows(&manifest));
    let origins = stay.cells.iter().map(|cell| cell.origin).collect();
    let content = Content { origins, ..content(grid, INPUT_LIMIT) };
    Painter { layout: &layout, colormap: &Colormap::tint(theme.background), theme, has_signs: false }.paint(&content)
}

/// Numbers and nothing else in the cells.
fn content(grid: Grid, limit: f64) -> Content {
    Content { grid, limit, origins: vec![], trace: vec![], hatched: vec![], track: None }
}

fn relevance(theme: Theme, palette: Palette, part: Part) -> Pixmap {
    let manifest = manifest();
    let grid = Grid::relevance(&explained().values, manifest.columns, &rows(&manifest), part);
    let colormap = Colormap::diverging(palette, theme.background);
    Pixmap::of_grid(&grid, &layout(&manifest, 1), &colormap, grid.limit(), theme)
}

/// A made-up stay: every channel rises or falls, and is observed every fourth hour from its own hour on.
fn stay() -> Stay {
    let (n_steps, n_columns) = (12, 9);
    let mut input = vec![0.0; n_steps * n_columns];
    let mut cells = Vec::new();
    for channel in 0..4 {
        for step in 0..n_steps {
            let origin = match (step + 4).checked_sub(channel + 5) {
                None => Origin::Normal,
                Some(since) if since % 4 == 0 => Origin::Observed,
                Some(since) => Origin::CarriedForward { age: since % 4 },
            };
            let category = (channel == 0).then_some([2, 2, 1, 0][step / 3]);
            let scaled = [0.0, 2.0, -1.5, 0.3][channel] * (step as f64 / 6.0 - 1.0);
            let column = category.unwrap_or(channel + 2);
            input[step * n_columns + column] = if channel == 0 { 1.0 } else { scaled as f32 };
            let value = category.map_or(100.0 + scaled, |category| [0.0, 2.0, 4.0][category]);
            cells.push(StayCell { value, category, origin });
        }
    }
    Stay {
        name: "made up".to_owned(),
        input,
        cells,
        report: ImportReport::default(),
        since: Since::default(),
        recorded: BTreeMap::new(),
    }
}

/// A made-up explanation with both signs, strongest early and late.
fn explained() -> Relevance {
    let values = (0..12 * 9).map(|at| {
        let (step, column) = (f64::from(at / 9), f64::from(at % 9));
        (step / 5.5 - 1.0).powi(2) * (column * 1.7 + step * 0.9).sin()
    });
    Relevance {
        values: values.collect(),
        score: 1.0,
        logit: 1.4,
        probability: 0.8,
        is_probability: true,
        unit: ScoreUnit::LogOdds,
        ledger: None,
        note: None,
    }
}

#[track_caller]
fn check(name: &str, actual: &Pixmap) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("VITRINE_BLESS").is_some() {
        write(&path, actual);
    }
    if read(&path).as_ref() != Some(actual) {
        let beside = path.with_extension("actual.png");
        write(&beside, actual);
        panic!("{} differs from {}; look at both, and bless with VITRINE_BLESS=1", beside.display(), path.display());
    }
}

fn read(path: &PathBuf) -> Option<Pixmap> {
    let file = std::io::BufReader::new(std::fs::File::open(path).ok()?);
    let mut reader = png::Decoder::new(file).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut rgba).ok()?;
    Some(Pixmap { width: info.width, height: info.height, rgba })
}

fn write(path: &PathBuf, pixmap: &Pixmap) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), pixmap.width, pixmap.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&pixmap.rgba).unwrap();
}
