//! Bad and odd records: each ends in the documented error, or in a correct result with a report.

use std::sync::LazyLock;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Remark, Stay};
use vitrine::{Error, Kind, Place};

/// The benchmark's header.
const HEADER: &str = "Hours,Capillary refill rate,Diastolic blood pressure,Fraction inspired oxygen,\
    Glascow coma scale eye opening,Glascow coma scale motor response,Glascow coma scale total,\
    Glascow coma scale verbal response,Glucose,Heart Rate,Height,Mean blood pressure,Oxygen saturation,\
    Respiratory rate,Systolic blood pressure,Temperature,Weight,pH\n";

fn parse(text: &str) -> Result<Stay, Error> {
    static MANIFEST: LazyLock<Result<Manifest, Error>> = LazyLock::new(|| Manifest::built_in(48, 76, 1));
    Stay::parse(text, MANIFEST.as_ref().map_err(Clone::clone)?, Format::Auto, "bad")
}

/// Line, or the whole record where it is 0, and a word of the message.
type Refusal = (&'static str, String, u64, &'static str);

#[track_caller]
fn check_refused((what, text, line, word): &Refusal) {
    let error = match parse(text) {
        Err(error) => error,
        Ok(stay) => panic!("{what}: read, with {:?}", stay.report),
    };
    assert_eq!(error.kind, Kind::Record, "{what}: {error}");
    let place = if *line == 0 { Place::Whole } else { Place::Line(*line) };
    assert_eq!(error.place, place, "{what}: {error}");
    assert!(error.message.contains(word), "{what}: {error}");
    assert!(error.message.chars().count() < 600 && !error.message.chars().any(char::is_control), "{what}: {error}");
}

/// A row of the benchmark in which some fields, counted from 0, have a value.
fn row(fields: &[(usize, &str)]) -> String {
    let field = |index| fields.iter().find(|(other, _)| *other == index).map_or("", |(_, value)| value);
    (0..18).map(field).collect::<Vec<_>>().join(",") + "\n"
}

/// A record with a good row, line 2, and then `rows`.
fn after_a_good_row(rows: &str) -> String {
    format!("{HEADER}{}{rows}", row(&[(0, "0.5"), (9, "80")]))
}

/// A record with a good row and one in which a field has this value, line 3.
fn with_cell(field: usize, value: &str) -> String {
    after_a_good_row(&row(&[(0, "1.5"), (field, value)]))
}

/// Bytes of the same seed everywhere, as text: any characters, printable ones, or digits and separators.
fn noise(n_bytes: usize, alphabet: impl Fn(u32) -> char) -> String {
    let mut state = 1_u64;
    let mut text = String::with_capacity(n_bytes + 4);
    while text.len() < n_bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(alphabet((state >> 33) as u32));
    }
    text
}

/// UTF-16 read as if it were UTF-8, as a browser's `File.text()` does.
fn utf16(text: &str) -> String {
    let bytes: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn what_is_no_episode() {
    let other = |what, text: &str, line, word| (what, text.to_owned(), line, word);
    for case in [
        other("empty file", "", 0, "the record is empty"),
        other("byte order mark alone", "\u{feff}", 0, "the record is empty"),
        other("blank lines alone", "\n \r\n\n", 0, "the record is empty"),
        other("header alone", HEADER, 0, "no rows of data"),
        other("prose", "The patient felt better.\n", 1, "no header with a column \"Hours\""),
        other("data without a header", "0.5,,59.0,,,,,,,80,,,,,,,,\n", 1, "no header"),
        other("title above the header", &format!("my export\n{HEADER}"), 1, "no header"),
        other("list of stays", "stay,y_true\n10013_episode1_timeseries.csv,1\n", 1, "list of stays"),
        other("empty FHIR Bundle", "{\"resourceType\": \"Bundle\", \"entry\": []}", 0, "no Observation"),
        other(
            "FHIR ndjson",
            "{\"resourceType\":\"Observation\"}\n{\"resourceType\":\"Observation\"}",
            0,
            "nothing but a name, or not even that",
        ),
        other("other JSON", "[1, 2, 3]", 1, "JSON"),
        other("PhysioNet 2012", "Time,Parameter,Value\n00:00,RecordID,132539\n", 0, "none of 1 rows"),
        other("long table of other columns", "charttime,item,value,unit\n0.5,HR,80,/min\n", 1, "long table"),
        other("web page", "<!DOCTYPE html><html></html>", 1, "HTML"),
        other("Hours and strangers", "Hours,lactate,age\n0.5,2,60\n", 1, "no column is a variable of the model"),
        other("Hours alone", "Hours\n0.5\n", 1, "no column is a variable of the model"),
        other("two Hours", &HEADER.replace("Height", "hours"), 1, "stands in the header twice"),
        other("a variable twice", &HEADER.replace("Height", "Weight"), 1, "\"Weight\" stands in the header twice"),
        other("twice in other case", &HEADER.replace("Height", "ph"), 1, "\"pH\" stands in the header twice"),
        other("semicolons", &HEADER.replace(',', ";"), 0, "no rows of data"),
        other("semicolons and strangers", "\"Hours\";\"lactate\"\n1;7,3\n", 1, "semicolons"),
        other("tabs and strangers", "Hours\tlactate\n1\t7.3\n", 1, "tabs"),
        other("UTF-16", &utf16(HEADER), 0, "zero bytes"),
        other("UTF-16 rows", &utf16(&with_cell(9, "80")), 0, "zero bytes"),
        other("workbook", "PK\u{3}\u{4}\u{14}\u{0}\u{6}\u{0}", 0, "a zip archive or a workbook"),
    ] {
        check_refused(&case);
    }
}

/// Beside a good row the record is read without what is bad, and the report says so once, at its line.
#[track_caller]
fn check_costs((what, text, line, word): &Refusal) {
    let stay = parse(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    let report = &stay.report;
    let said = |notes: &[Remark]| {
        notes.iter().any(|note| note.line == *line && format!("{}: {}", note.channel, note.message).contains(word))
    };
    assert!(said(&report.rows_skipped) || said(&report.notes), "{what}: {report:#?}");
    assert_eq!(report.n_skipped(), report.rows - report.rows_read, "{what}");
    let good = parse(&after_a_good_row("")).unwrap_or_else(|error| panic!("{error}"));
    let rate = 67;
    assert_eq!(stay.input[rate], good.input[rate], "{what}: the good row");
    let alone = format!("{HEADER}{}", text.lines().skip(2).collect::<Vec<_>>().join("\n"));
    if text.lines().count() == 3 {
        assert!(stay.input == good.input, "{what}: read as something else");
        let error = parse(&alone).map(|stay| stay.report).unwrap_err();
        assert!(error.message.contains("none of 1 rows can be used (line 2"), "{what}: {error}");
    }
}

#[test]
fn a_bad_row_costs_that_row() {
    let good = row(&[(0, "1.5"), (9, "81")]);
    for case in [
        ("row too short", after_a_good_row("1.5,,59\n"), 3, "3 fields where the header has 18"),
        ("row too long", after_a_good_row(&format!("1.5,{good}")), 3, "19 fields where the header has 18"),
        ("decimal commas", after_a_good_row(&row(&[(0, "1,5"), (9, "81")])), 3, "decimal comma"),
        ("cut off in a row", after_a_good_row(&good[..good.len() - 5]), 3, "14 fields"),
        ("semicolons below", after_a_good_row(&good.replace(',', ";")), 3, "1 field where the header has 18"),
        ("no hour", after_a_good_row(&row(&[(9, "80")])), 3, "Hours: the cell is empty"),
        ("hour is text", after_a_good_row(&row(&[(0, "noon"), (9, "80")])), 3, "Hours: \"noon\" is not a number"),
        (
            "hour is a clock",
            after_a_good_row(&row(&[(0, "01:30"), (9, "80")])),
            3,
            "\"01:30\" is a time, where a number is read; if it counts from admission, write 1.5 (hours)",
        ),
        ("hour is a date", after_a_good_row(&row(&[(0, "2101-10-20"), (9, "80")])), 3, "is not a number"),
        ("hour not finite", after_a_good_row(&row(&[(0, "nan"), (9, "80")])), 3, "Hours: \"nan\" is not finite"),
        ("hour infinite", after_a_good_row(&row(&[(0, "-inf"), (9, "80")])), 3, "is not finite"),
        ("quoted decimal comma", after_a_good_row(&row(&[(0, "\"1,5\""), (9, "80")])), 3, "write 1.5"),
        (
            "stray quote",
            after_a_good_row(&format!("{}{good}{good}", row(&[(0, "1"), (3, "\"0.5")]))),
            3,
            "is not a number",
        ),
        (
            "quote over the last cell",
            after_a_good_row(&format!("{}{good}", row(&[(0, "1"), (17, "\"7.3")]))),
            3,
            "pH: ",
        ),
    ] {
        check_costs(&case);
    }
    let stay = parse(&after_a_good_row(&format!("{}{good}", row(&[(0, "1"), (9, "90"), (17, "\"7.3")])))).unwrap();
    assert_eq!((stay.report.rows, stay.report.rows_read), (3, 3), "the quote swallows no row");
    assert!(stay.report.notes.iter().any(|note| note.line == 3 && note.message.contains("not used")));
}

/// A file names nobody: hours that go back may be of another stay.
#[test]
fn what_may_be_a_second_stay_is_refused() {
    let good = row(&[(0, "1.5"), (9, "81")]);
    for case in [
        ("out of order", after_a_good_row(&row(&[(0, "0.4"), (9, "80")])), 3, "hour 0.4 after hour 0.5"),
        ("out of order after blanks", after_a_good_row("\n\n0.4,,,,,,,,,80,,,,,,,,\n"), 5, "hour 0.4 after hour 0.5"),
        ("back from beyond the end", after_a_good_row(&(row(&[(0, "50")]) + &good)), 4, "hour 1.5 after hour 50"),
        ("out of order with CRLF", after_a_good_row("0.4,,,,,,,,,8,,,,,,,,\n").replace('\n', "\r\n"), 3, "hour 0.4"),
        ("two files in one", after_a_good_row(&format!("{HEADER}{good}")), 3, "the header stands here again"),
    ] {
        check_refused(&case);
    }
    let at_once = parse(&format!("{HEADER}{}", after_a_good_row(""))).unwrap().report;
    assert_eq!((at_once.rows, at_once.rows_read), (2, 1));
    assert!(at_once.rows_skipped[0].message.contains("\"Hours\" is not a number"), "{at_once:?}");
}

#[test]
fn a_bad_cell_costs_that_cell() {
    for case in [
        ("text", with_cell(9, "fast"), 3, "Heart Rate: \"fast\" is not a number"),
        ("unit", with_cell(9, "80 bpm"), 3, "\"80 bpm\" is a number with its unit; write 80 alone"),
        ("comparator", with_cell(8, ">500"), 3, "Glucose: \">500\" is not a number"),
        ("infinity", with_cell(17, "inf"), 3, "is not finite"),
        ("overflow", with_cell(17, "1e999"), 3, "is not finite"),
        ("too large for f32", with_cell(17, "1e300"), 3, "too large for the model"),
        ("dash", with_cell(15, "-"), 3, "\"-\" is not a number"),
        ("decimal comma", with_cell(15, "\"36,6\""), 3, "\"36,6\" has a decimal comma; write 36.6"),
        ("Arabic digits", with_cell(9, "\u{668}\u{660}"), 3, "is not a number"),
        ("a kilobyte", with_cell(9, &"9x".repeat(500)), 3, "9x...\" is not a number"),
        ("control characters", with_cell(9, "\u{1b}[2J\u{7}"), 3, "\\u{1b}[2J\\u{7}"),
        (
            "unknown category",
            with_cell(4, "Winks"),
            3,
            "eye opening: \"Winks\" is none of its categories; write one of",
        ),
        ("the categories known", with_cell(4, "Winks"), 3, "\"2 To pain\""),
        ("category of another variable", with_cell(4, "6 Obeys Commands"), 3, "none of its categories"),
        ("points for words", with_cell(5, "6"), 3, "motor response: \"6\" is none of its categories"),
        ("points out of range", with_cell(6, "16"), 3, "total: \"16\" is none of its categories"),
        ("half a point", with_cell(6, "14.5"), 3, "\"14.5\" is none of its categories"),
        ("refill in seconds", with_cell(1, "2.5"), 3, "refill rate: \"2.5\" is none of its categories"),
    ] {
        check_costs(&case);
    }
    // Each cause once, however many cells.
    let rows: String = ["fast", "slow", "80 bpm", "7,4", ">90"]
        .iter()
        .enumerate()
        .map(|(n, cell)| row(&[(0, &format!("{n}.9")), (9, &format!("\"{cell}\"")), (17, "7.3")]))
        .collect();
    let report = parse(&after_a_good_row(&rows)).unwrap().report;
    assert_eq!((report.rows, report.rows_read), (6, 6));
    let said: Vec<&str> = report.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("\"fast\" is not a number") && said[0].ends_with("3 in all; not used"), "{said:?}");
    // Cells that say in words that there is nothing are empty ones.
    for nothing in ["NaN", "NA", "null", "N/A"] {
        let stay = parse(&after_a_good_row(&row(&[(0, "1.5"), (9, "81"), (15, nothing)]))).unwrap();
        assert_eq!((stay.report.rows_read, stay.report.notes.len()), (2, 0), "{nothing}");
    }
}

#[test]
fn nothing_to_predict_from() {
    for case in [
        (
            "all after the end",
            format!("{HEADER}{}", row(&[(0, "48.5"), (9, "80")])),
            0,
            "(line 2: hour 48.5 lies after",
        ),
        (
            "all before the start",
            format!("{HEADER}{}", row(&[(0, "-1"), (9, "80")])),
            0,
            "hour -1 lies before the stay",
        ),
        ("hours without values", format!("{HEADER}{}", row(&[(0, "1")]).repeat(3)), 0, "none of 3 rows can be used"),
        ("commas alone", format!("{HEADER}{}", row(&[]).repeat(2)), 0, "(line 2: no hour and no value; 2 in all)"),
    ] {
        check_refused(&case);
    }
}

#[test]
fn caps() {
    let too_many = format!("{HEADER}{}", row(&[(0, "1"), (9, "80")]).repeat(100_001));
    let too_long = format!("{HEADER}{}", "1".repeat(16 << 20));
    let too_wide = format!("Hours{}\n", ",c".repeat(100_000));
    for case in [
        ("100,001 rows", too_many, 100_002, "more than 100000 rows"),
        ("more than 16 MiB", too_long, 0, "at most 16777216 are read"),
        ("100,001 columns", too_wide, 1, "at most 100000 are read"),
    ] {
        check_refused(&case);
    }
}

#[test]
fn ten_megabytes_of_noise_are_refused_at_once() {
    let start = std::time::Instant::now();
    let ten_megabytes = 10_000_000;
    let any = |n: u32| char::from_u32(n % 0x11_0000).unwrap_or('\u{fffd}');
    let printable = |n: u32| char::from(b' ' + (n % 95) as u8);
    let csv_like = |n: u32| char::from(b"0123456789.,\n\""[(n % 14) as usize]);
    let headed = |text: String| format!("{HEADER}{text}");
    // In noise of any characters some are zero.
    check_refused(&("any characters", noise(ten_megabytes, any), 0, "zero bytes"));
    check_refused(&("one line of printable characters", noise(ten_megabytes, printable), 1, "no header"));
    check_refused(&("digits and commas", noise(ten_megabytes, csv_like), 1, "no header"));
    check_refused(&("under a header", headed(noise(ten_megabytes, printable)), 0, "fields where the header has 18"));
    check_refused(&("digits under a header", headed(noise(ten_megabytes, csv_like)), 107_945, "more than 100000 rows"));
    check_refused(&("commas", headed(",".repeat(ten_megabytes)), 0, "where the header has 18"));
    check_refused(&("quotes", headed("\"".repeat(ten_megabytes)), 0, "where the header has 18"));
    check_refused(&("blank lines", headed("\n".repeat(ten_megabytes)), 0, "no rows of data"));
    // Eight records in an unoptimised build; the bound is there to catch a quadratic loop, not to time the machine.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

/// Odd but clear: what the cell becomes (hour, column, value), and the remark.
#[test]
fn odd_records_are_read_and_reported() {
    type Odd = (&'static str, String, (usize, usize, f32), &'static str);
    let wide = "10".repeat(15) + &"0".repeat(5);
    let cases: [Odd; 13] = [
        ("points as 15.0", with_cell(6, "15.0"), (1, 28, 1.0), "\"15.0\" read as \"15\""),
        ("points as 03", with_cell(6, "03"), (1, 30, 1.0), "\"03\" read as \"3\""),
        ("refill as 1", with_cell(1, "1"), (1, 1, 1.0), "\"1\" read as \"1.0\""),
        ("category in capitals", with_cell(4, "SPONTANEOUSLY"), (1, 10, 1.0), "read as \"Spontaneously\""),
        ("category with blanks", with_cell(7, "No  Response-ETT"), (1, 42, 1.0), "read as \"No Response-ETT\""),
        ("systolic 11647", with_cell(14, "11647"), (1, 72, 1.0), "11647 mmHg is outside 20 to 300"),
        ("mean pressure -8", with_cell(11, "-8"), (1, 69, 1.0), "-8 mmHg is outside 10 to 250; used unchanged"),
        ("oxygen in per cent", with_cell(3, "40"), (1, 61, 1.0), "1 value: converted from % to 1"),
        ("absurd but finite", with_cell(9, &wide), (1, 67, 1.0), "is outside 10 to 300; used unchanged"),
        ("half an hour early", format!("{HEADER}{}", row(&[(0, "-0.5"), (6, "3")])), (0, 30, 1.0), "before admission"),
        ("a column more", with_cell(6, "8").replace('\n', ",x\n"), (1, 36, 1.0), "no variable of the model; not used"),
        (
            "Glasgow",
            with_cell(6, "8").replace("Glascow", "Glasgow"),
            (1, 36, 1.0),
            "spelled \"Glasgow coma scale total\"",
        ),
        ("no pH column", with_cell(6, "8").replace(",pH", "").replace(",\n", "\n"), (1, 36, 1.0), "not in the record"),
    ];
    for (what, text, (hour, column, value), word) in cases {
        let stay = parse(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(stay.input[hour * 76 + column], value, "{what}");
        let report = &stay.report;
        let mut notes =
            [&report.notes, &report.implausible, &report.rows_skipped, &report.unused].into_iter().flatten();
        assert!(notes.any(|note| note.message.contains(word)), "{what}: {report:?}");
    }
}

#[test]
fn a_hundred_thousand_rows_are_read_with_a_short_report() {
    // A thousandth of an hour apart, half of them beyond the end; every value implausible.
    let rows: String =
        (0..100_000).map(|n| row(&[(0, &format!("{}.{:03}", n / 1000, n % 1000)), (17, "5.0")])).collect();
    let stay = parse(&format!("{HEADER}{rows}")).unwrap();
    let report = stay.report;
    // 0.000 to 48.000 are inside.
    assert_eq!((report.rows, report.rows_read), (100_000, 48_001));
    assert_eq!(report.observed.iter().sum::<usize>(), 48);
    assert!((0..48).all(|hour| stay.input[hour * 76 + 75] == 1.0));
    assert_eq!((report.rows_skipped.len(), report.implausible.len()), (1, 201));
    assert!(report.rows_skipped[0].message.ends_with(&format!("{} in all", 100_000 - 48_001)), "one reason");
    assert_eq!((report.n_skipped(), report.replaced.len()), (100_000 - 48_001, 0), "the same value is no other");
    assert_eq!(report.implausible[200].message, format!("and {} more, not listed", 48_001 - 200));
}

/// Whatever is cut off or overwritten in a good record, there is an answer: no panic, and no number that is not finite.
#[test]
fn damaged_records_never_panic() {
    let text: String = (0..6).map(|n| row(&[(0, &format!("{n}.5")), (4, "To Pain"), (9, "80"), (17, "7.3")])).collect();
    let text = format!("{HEADER}{text}");
    let (mut n_read, mut n_refused) = (0, 0);
    let mut check = |text: &str| match parse(text) {
        Ok(stay) => {
            assert!(stay.input.iter().all(|value| value.is_finite()));
            n_read += 1;
        }
        Err(error) => {
            assert_eq!(error.kind, Kind::Record, "{error}");
            n_refused += 1;
        }
    };
    for index in 0..text.len() {
        check(&text[..index]);
        for damage in [",", "\"", "\n", "\r", ";", "9", "-", "e", "\u{0}", "é", ""] {
            check(&format!("{}{damage}{}", &text[..index], &text[index + 1..]));
        }
    }
    assert!(n_read > 3000 && n_refused > 1500, "{n_read} read, {n_refused} refused");
}

/// The same for manifests: one that is read after all describes an input that a record can fill.
#[test]
fn damaged_manifests_never_panic() {
    let text = r#"{"format":"vitrine-manifest/1","name":"n","steps":2,"step_hours":1,"columns":4,
        "outcomes":[{"name":"death","threshold":0.5}],"channels":[
        {"name":"pH","label":"pH","columns":[0],"mask":1,"plausible":[6,8],
         "encoding":{"kind":"continuous","mean":7.4,"std":0.1,"normal":7.4}},
        {"name":"eye","label":"eye","columns":[2,3],
         "encoding":{"kind":"one-hot","categories":["a","b"],"ordinals":[1,2],"normal":"b"}}]}"#;
    let (mut n_read, mut n_refused) = (0, 0);
    let mut check = |text: &str| match Manifest::from_json(text) {
        Ok(manifest) => {
            let record = "Hours,pH,eye\n0.5,7.3,a\n1.5,7.2,\n";
            match Stay::parse(record, &manifest, Format::Auto, "") {
                Ok(stay) => assert_eq!(stay.input.len(), manifest.steps * manifest.columns),
                Err(error) => assert_eq!(error.kind, Kind::Record, "{error}"),
            }
            n_read += 1;
        }
        Err(error) => {
            assert_eq!(error.kind, Kind::Manifest, "{error}");
            n_refused += 1;
        }
    };
    for index in 0..text.len() {
        check(&text[..index]);
        for damage in ["", "0", "9", "-", "e", "\"", ",", "[", "}", "null", "\u{0}", "é"] {
            check(&format!("{}{damage}{}", &text[..index], &text[index + 1..]));
        }
    }
    assert!(n_read > 300 && n_refused > 3000, "{n_read} read, {n_refused} refused");
}
