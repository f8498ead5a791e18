//! Records in the four formats, damaged or written in another habit: each sound one in every way that applies.

use vitrine::stay::Format;

/// A case: what was done, the format, and the text as a browser reads the file.
pub(crate) type Case = (String, Format, String);

/// Long enough for every variable to move, short enough to read.
const PHYSIONET: &str = "Time,Parameter,Value\n00:00,RecordID,132539\n00:00,Age,54\n00:00,Weight,80.5\n00:07,GCS,15\n\
    00:07,HR,73\n00:07,SysABP,119\n01:37,HR,77\n12:01,HR,80\n12:01,Temp,37.2\n47:37,HR,86\n";

const LONG: &str = "hours,variable,value,unit\n0.5,Heart Rate,80,/min\n1.5,Heart Rate,90,/min\n2,pH,7.31,\n\
    3,Temperature,37.5,Cel\n30,Glucose,140,mg/dL\n";

/// One Observation as a Bundle has it.
fn observation(time: &str, code: &str, value: &str, unit: &str) -> String {
    format!(
        "{{\"resource\":{{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\
        \"code\":\"{code}\"}}]}},\"subject\":{{\"reference\":\"Patient/1\"}},\"effectiveDateTime\":\"{time}\",\"valueQuantity\":{{\"value\":{value},\"unit\":\"{unit}\",\
        \"system\":\"http://unitsofmeasure.org\",\"code\":\"{unit}\"}}}}}}"
    )
}

fn bundle(entries: &[String]) -> String {
    format!("{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}", entries.join(","))
}

fn fhir() -> String {
    bundle(&[
        observation("2024-01-01T00:10:00Z", "8867-4", "80", "/min"),
        observation("2024-01-01T01:10:00Z", "8867-4", "84", "/min"),
        observation("2024-01-01T02:10:00Z", "8310-5", "37.1", "Cel"),
    ])
}

fn mimic3() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/stays/stable_timeseries.csv")).unwrap()
}

/// The sound records.
pub(crate) fn sound() -> [(&'static str, Format, String); 4] {
    [
        ("benchmark CSV", Format::Mimic3, mimic3()),
        ("PhysioNet 2012", Format::Physionet2012, PHYSIONET.to_owned()),
        ("long CSV", Format::Long, LONG.to_owned()),
        ("FHIR", Format::Fhir, fhir()),
    ]
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let mut all = vec![];
    for (name, format, text) in sound() {
        for (what, text) in habits(&text).into_iter().chain(damages(&text)) {
            all.push((format!("{name}: {what}"), format, text));
        }
        if format != Format::Fhir {
            all.extend(table_habits(&text).into_iter().map(|(what, text)| (format!("{name}: {what}"), format, text)));
        }
    }
    all.extend(clinical());
    all
}

/// Ways of writing the same text.
fn habits(text: &str) -> Vec<(&'static str, String)> {
    vec![
        ("with CRLF", text.replace('\n', "\r\n")),
        ("with CR alone", text.replace('\n', "\r")),
        ("with a byte order mark", format!("\u{feff}{text}")),
        ("without its last line end", text.trim_end().to_owned()),
        ("with blank lines at the end", format!("{text}\n\n\n")),
    ]
}

/// Ways of breaking it.
fn damages(text: &str) -> Vec<(&'static str, String)> {
    let cut = |share: f64| {
        let mut at = (text.len() as f64 * share) as usize;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text[..at].to_owned()
    };
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("cut in half", cut(0.5)),
        ("cut after a tenth", cut(0.1)),
        ("cut before its last character", cut(1.0 - 2.0 / text.len() as f64)),
        ("as UTF-16", String::from_utf8_lossy(&utf16).into_owned()),
        ("with a zero byte", text.replacen('0', "\0", 1)),
        ("twice over", text.repeat(2)),
        ("backwards", text.lines().rev().collect::<Vec<_>>().join("\n")),
        ("without its first line", text.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned())),
        ("all in capitals", text.to_uppercase()),
        ("with every digit a 9", text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect()),
    ]
}

/// What only tables have.
fn table_habits(text: &str) -> Vec<(&'static str, String)> {
    let quoted = |line: &str| line.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
    let lines: Vec<&str> = text.lines().collect();
    let (header, rows) = (lines[0], &lines[1..]);
    let with_rows = |rows: Vec<String>| format!("{header}\n{}\n", rows.join("\n"));
    vec![
        ("with every cell quoted", lines.iter().map(|line| quoted(line)).collect::<Vec<_>>().join("\n")),
        ("with semicolons", text.replace(',', ";")),
        ("with semicolons and decimal commas", text.replace(',', ";").replace('.', ",")),
        ("with tabs", text.replace(',', "\t")),
        ("with blanks around the cells", text.replace(',', " , ")),
        ("with the header alone", format!("{header}\n")),
        ("with the header twice", format!("{header}\n{text}")),
        ("with a row of commas", format!("{text}{}\n", ",".repeat(header.matches(',').count()))),
        ("with a row too short", format!("{text}1\n")),
        ("with an open quote", text.replacen(',', ",\"", 1)),
        ("with 100,001 rows", with_rows(rows.iter().cycle().take(100_001).map(|row| (*row).to_owned()).collect())),
        ("with hours before admission", with_rows(rows.iter().map(|row| format!("-{row}")).collect())),
    ]
}

/// What only a reader of patients' data can get wrong.
fn clinical() -> Vec<Case> {
    let at = |time: &str, code: &str, value: &str, unit: &str| observation(time, code, value, unit);
    let first = at("2024-01-01T00:10:00Z", "8867-4", "80", "/min");
    let fhir = |what: &str, entries: &[String]| (format!("FHIR: {what}"), Format::Fhir, bundle(entries));
    let long = |what: &str, rows: &str| (format!("long CSV: {what}"), Format::Long, format!("{LONG}{rows}"));
    let physionet = |what: &str, rows: &str| {
        (format!("PhysioNet 2012: {what}"), Format::Physionet2012, format!("{PHYSIONET}{rows}"))
    };
    vec![
        fhir("a temperature in Fahrenheit", &[first.clone(), at("2024-01-01T01:00:00Z", "8310-5", "98.6", "[degF]")]),
        fhir("a temperature in millimetres", &[first.clone(), at("2024-01-01T01:00:00Z", "8310-5", "37", "mm")]),
        fhir(
            "the same hour twice in two units",
            &[
                first.clone(),
                at("2024-01-01T01:00:00Z", "2339-0", "140", "mg/dL"),
                at("2024-01-01T01:00:00Z", "2339-0", "140", "mmol/L"),
            ],
        ),
        fhir("a time without a zone", &[at("2024-01-01T00:10:00", "8867-4", "80", "/min")]),
        fhir("a day of 32", &[first.clone(), at("2024-01-32T00:10:00Z", "8867-4", "80", "/min")]),
        fhir("a time that is none", &[first.clone(), at("yesterday", "8867-4", "80", "/min")]),
        fhir("a value that is text", &[first.clone(), at("2024-01-01T01:00:00Z", "8867-4", "\"fast\"", "/min")]),
        fhir("a value of 1e999", &[first.clone(), at("2024-01-01T01:00:00Z", "8867-4", "1e999", "/min")]),
        fhir("a code of another system", &[first.replace("loinc.org", "example.org")]),
        fhir("no entries", &[]),
        fhir("an entry that is no resource", &["{}".to_owned()]),
        ("FHIR: deep brackets".into(), Format::Fhir, "[".repeat(200_000)),
        ("FHIR: a Patient".into(), Format::Fhir, "{\"resourceType\":\"Patient\",\"id\":\"1\"}".into()),
        long("a value that is text", "31,Heart Rate,fast,/min\n"),
        long("an empty value", "31,Heart Rate,,/min\n"),
        long("a variable that is none", "31,Lactate,2,mmol/L\n"),
        long("glucose in mmol/L", "31,Glucose,7.8,mmol/L\n"),
        long("a unit that contradicts", "31,Heart Rate,80,kg\n"),
        long("an hour of the year 3000", "26000000,Heart Rate,80,/min\n"),
        long("a hundred thousand columns", &",".repeat(100_000)),
        physionet("a clock of 25:61", "25:61,HR,80\n"),
        physionet("a missing value -1", "20:00,HR,-1\n"),
        physionet("a value that is text", "20:00,HR,fast\n"),
        physionet("a parameter that is none", "20:00,Lactate,2\n"),
        physionet("an hour out of order", "00:01,HR,80\n"),
        physionet("two patients", "00:00,RecordID,132540\n00:30,HR,90\n"),
    ]
}
