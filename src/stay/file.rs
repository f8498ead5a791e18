//! A file as it is -> the texts in it: gzip and zip are opened, text is decoded, and what is no text is named.
//!
//! The first bytes decide, whatever the file is called. What comes out of an archive is bounded, so that a small file
//! cannot fill the memory.

mod zip;

use super::shown;
use crate::{Error, Kind, Place, Result};
use flate2::read::MultiGzDecoder;
use serde::Serialize;
use std::io::Read;

/// Most bytes that come out of a file, all its texts together.
const BYTES_MAX: usize = 128 << 20;

/// How often an archive may stand in an archive.
const DEPTH_MAX: usize = 2;

/// A text, as it was or as it came out of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The file's name, without the ending of what it was compressed with.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Its texts, in the order of the archive.
    pub files: Vec<Text>,
    /// What else stands in an archive, each with the reason why it is not read.
    pub left_out: Vec<String>,
}

/// Bytes at a place of a file, what they give away, and what to do.
type Signature = (usize, &'static [u8], &'static str, &'static str);

const SPREADSHEET: &str = "save the sheet as CSV";
const FRAME: &str = "save the table as CSV";
const PICTURE: &str = "open the record itself, not a picture of it";
const UNPACK: &str = "unpack it, and open what is in it";

const SIGNATURES: [Signature; 27] = [
    (0, b"%PDF", "a PDF", "export the record as CSV or FHIR JSON"),
    (0, b"\xd0\xcf\x11\xe0", "an old Excel or Word file", SPREADSHEET),
    (0, b"\x89HDF\r\n", "an HDF5 file", FRAME),
    (0, b"\x93NUMPY", "a NumPy array", FRAME),
    (0, b"PAR1", "a Parquet file", "save the table as CSV, for example with pandas: read_parquet(...).to_csv(...)"),
    (0, b"ARROW1", "an Arrow file", FRAME),
    (0, b"FEA1", "a Feather file", FRAME),
    (0, b"\x89PNG", "a picture", PICTURE),
    (0, b"\xff\xd8\xff", "a picture", PICTURE),
    (0, b"GIF8", "a picture", PICTURE),
    (0, b"II*\0", "a picture", PICTURE),
    (0, b"MM\0*", "a picture", PICTURE),
    (128, b"DICM", "a DICOM file", PICTURE),
    (0, b"PK\x05\x06", "an empty zip archive", "pack it again, with the record in it"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (0, b"BZh", "a file compressed with bzip2", UNPACK),
    (0, b"\xfd7zXZ", "a file compressed with xz", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a file compressed with zstd", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"SQLite format 3", "an SQLite database", FRAME),
    (0, b"$FL2", "an SPSS file", FRAME),
    (0, b"<stata_dta>", "a Stata file", FRAME),
    (0, b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60", "a SAS file", FRAME),
    (0, b"RDX", "an R data file", FRAME),
    (0, b"\x80\x02", "a Python pickle or PyTorch file", FRAME),
    (0, b"\x80\x04\x95", "a Python pickle", FRAME),
];

/// Archives that are opened from their bytes.
const ARCHIVES: [(&[u8], &str); 2] = [(b"\x1f\x8b\x08", "a gzip file"), (b"PK\x03\x04", "a zip archive or a workbook")];

/// The texts of a file.
///
/// # Errors
/// [`Kind::Record`] where it is no text, is damaged, or holds more than is read.
pub fn open(name: &str, bytes: &[u8]) -> Result<Opened> {
    let mut opened = Opened::default();
    let mut room = BYTES_MAX;
    take(name, bytes, &mut opened, &mut room, 0)?;
    Ok(opened)
}

/// The one text of a file.
pub(super) fn only(name: &str, bytes: &[u8]) -> Result<String> {
    let mut opened = open(name, bytes)?;
    let names: Vec<String> = opened.files.iter().take(6).map(|file| format!("\"{}\"", shown(&file.name))).collect();
    match (opened.files.pop(), opened.files.is_empty()) {
        (Some(file), true) => Ok(file.text),
        (Some(_), false) => Err(wrong(format!("the archive holds {}; open one of them at a time", names.join(", ")))),
        (None, _) => Err(wrong(format!("the archive holds no text: {}", opened.left_out.join("; ")))),
    }
}

/// Why a text that was made of a file's bytes is none: for callers who have decoded the file themselves.
pub(super) fn why_no_text(text: &str) -> Option<String> {
    let starts_as = |bytes: &[u8]| text.starts_with(&*String::from_utf8_lossy(bytes));
    if let Some((_, what)) = ARCHIVES.iter().find(|(bytes, _)| starts_as(bytes)) {
        return Some(format!("this is {what}, read as text; hand over its bytes, or unpack it"));
    }
    // Of bytes that are no letters nothing would be left to tell them by.
    let is_told = |bytes: &[u8]| bytes.iter().filter(|byte| byte.is_ascii_graphic()).count() >= 2;
    let (.., what, todo) = SIGNATURES.iter().find(|(at, bytes, ..)| *at == 0 && is_told(bytes) && starts_as(bytes))?;
    Some(format!("this is {what}; {todo}"))
}

fn take(name: &str, bytes: &[u8], opened: &mut Opened, room: &mut usize, depth: usize) -> Result<()> {
    if let Some((.., what, todo)) =
        SIGNATURES.iter().find(|(at, start, ..)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(start)))
    {
        return Err(wrong(format!("this is {what}; {todo}")));
    }
    let [gzip, archive] = ARCHIVES.map(|(start, _)| bytes.starts_with(start));
    if (gzip || archive) && depth == DEPTH_MAX {
        return Err(wrong("an archive in an archive in an archive; unpack it"));
    }
    if gzip {
        let inner =
            inflated(MultiGzDecoder::new(bytes), room).map_err(|reason| wrong(format!("the gzip file {reason}")))?;
        return take(without_ending(name), &inner, opened, room, depth + 1);
    }
    if archive {
        return zip::take(bytes, opened, room, depth + 1);
    }
    opened.files.push(Text { name: name.to_owned(), text: decoded(bytes)? });
    Ok(())
}

/// What comes out of a decoder, within what room is left.
fn inflated(decoder: impl Read, room: &mut usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let limit = *room as u64 + 1;
    decoder.take(limit).read_to_end(&mut bytes).map_err(|error| format!("is damaged: {error}; fetch it again"))?;
    *room = room.checked_sub(bytes.len()).ok_or_else(|| {
        format!("holds more than {} MiB, the most that is read; keep one stay a file", BYTES_MAX >> 20)
    })?;
    Ok(bytes)
}

/// UTF-16 where a byte order mark says so, else UTF-8. Of any other encoding the letters cannot be told: two names may
/// become one.
fn decoded(bytes: &[u8]) -> Result<String> {
    let utf16 = |rest: &[u8], pair: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|two| pair([two[0], two[1]])).collect();
        let whole = String::from_utf16(&units).ok().filter(|_| rest.len().is_multiple_of(2));
        whole.ok_or_else(|| wrong("the text in UTF-16 is cut off or damaged; fetch or save it again"))
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| no_utf8(bytes, error.valid_up_to())),
    }
}

/// What is said of a text whose byte at a place begins no letter in UTF-8.
fn no_utf8(bytes: &[u8], at: usize) -> Error {
    let line = 1 + bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() as u64;
    let message = "the text is not in UTF-8, and which letters are meant cannot be told; save it in UTF-8 (in Excel: \
                   CSV UTF-8)";
    wrong(message).at(Place::Line(line))
}

fn without_ending(name: &str) -> &str {
    let ending = [".gz", ".GZ", ".gzip"].into_iter().find_map(|ending| name.strip_suffix(ending));
    ending.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Record, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_opened_whatever_it_is_called() {
        let opened = open("stay.csv.gz", &gzipped(b"Hours,pH\n")).unwrap();
        assert_eq!(opened.files, [Text { name: "stay.csv".into(), text: "Hours,pH\n".into() }]);
        let two = [gzipped(b"a\n"), gzipped(b"b\n")].concat();
        assert_eq!(only("x", &two), Ok("a\nb\n".to_owned()), "members in a row are one text");
        assert_eq!(only("x", &gzipped(&gzipped(b"a"))), Ok("a".to_owned()));
    }

    #[test]
    fn what_is_compressed_too_far_or_damaged_is_refused() {
        let thrice = gzipped(&gzipped(&gzipped(b"a")));
        assert!(open("x", &thrice).unwrap_err().message.contains("archive in an archive"));
        let whole = gzipped(b"Hours,pH\n0,7.3\n");
        for cut in [5, 12, whole.len() - 1] {
            assert!(open("x", &whole[..cut]).unwrap_err().message.contains("gzip file is damaged"), "{cut}");
        }
        let mut room = 1000;
        assert!(inflated(MultiGzDecoder::new(&*gzipped(&[b'a'; 2000])), &mut room).unwrap_err().contains("holds more"));
        let mut room = 2000;
        assert_eq!(
            inflated(MultiGzDecoder::new(&*gzipped(&[b'a'; 2000])), &mut room).map(|bytes| bytes.len()),
            Ok(2000)
        );
        assert_eq!(room, 0);
    }

    #[test]
    fn utf16_is_decoded_by_its_mark() {
        let little: Vec<u8> =
            [0xFF, 0xFE].into_iter().chain("pH,°".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain("pH,°".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(only("x", &little), Ok("pH,°".to_owned()));
        assert_eq!(only("x", &big), Ok("pH,°".to_owned()));
        for damaged in [&little[..little.len() - 1], &[0xFF, 0xFE, 0x00, 0xD8]] {
            assert!(only("x", damaged).unwrap_err().message.contains("cut off or damaged"));
        }
    }

    #[test]
    fn of_another_encoding_the_line_is_named() {
        for (bytes, line) in [(&b"M\xfcller,0,HR,80\n"[..], 1), (b"a\nb\r\n37,\xb0C\n", 3)] {
            let error = only("x", bytes).unwrap_err();
            assert_eq!(error.place, Place::Line(line));
            assert!(error.message.contains("not in UTF-8") && error.message.contains("save it in UTF-8"), "{error}");
        }
    }

    #[test]
    fn what_is_no_text_is_named_with_what_to_do() {
        for (at, bytes, what, todo) in SIGNATURES {
            let file = [&vec![b' '; at], bytes, b"................"].concat();
            let message = open("x", &file).unwrap_err().message;
            assert!(message.contains(what) && message.contains(todo), "{message}");
        }
        for (bytes, word) in [
            (&b"\x1f\x8b\x08\0\0"[..], "gzip"),
            (b"PK\x03\x04..", "zip"),
            (b"%PDF-1.7", "PDF"),
            (b"\x89HDF\r\n\x1a\n", "HDF5"),
            (b"\x93NUMPY\x01", "NumPy"),
            (b"PAR1..", "Parquet"),
            (b"\x89PNG\r\n", "picture"),
        ] {
            let text = String::from_utf8_lossy(bytes).into_owned();
            assert!(why_no_text(&text).unwrap().contains(word), "{text:?}");
        }
        assert_eq!(why_no_text("Hours,pH\n"), None);
        assert_eq!(why_no_text(""), None);
    }
}
