//! Protobuf on the wire, for damaging a file where it hurts: a message as a list of fields that can be changed and written
//! again. What a field means is in onnx.proto; this knows numbers alone.

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message(pub(crate) Vec<(u64, Field)>);

/// A field's content.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    /// A whole number.
    Varint(u64),
    /// Eight or four bytes as they are.
    Fixed(Vec<u8>),
    /// Text, bytes, a message, or packed numbers.
    Bytes(Vec<u8>),
}

impl Message {
    /// Reads the fields of a message; `None` for bytes that are none.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut fields = vec![];
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let field = match key & 7 {
                0 => Field::Varint(varint(&mut bytes)?),
                1 => Field::Fixed(take(&mut bytes, 8)?),
                5 => Field::Fixed(take(&mut bytes, 4)?),
                2 => {
                    let len = varint(&mut bytes)?;
                    Field::Bytes(take(&mut bytes, usize::try_from(len).ok()?)?)
                }
                _ => return None,
            };
            fields.push((key >> 3, field));
        }
        Some(Self(fields))
    }

    /// The message on the wire.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![];
        for (number, field) in &self.0 {
            let (kind, content) = match field {
                Field::Varint(value) => (0, encoded(*value)),
                Field::Fixed(value) => (if value.len() == 8 { 1 } else { 5 }, value.clone()),
                Field::Bytes(value) => (2, [encoded(value.len() as u64), value.clone()].concat()),
            };
            bytes.extend(encoded(number << 3 | kind));
            bytes.extend(content);
        }
        bytes
    }

    /// The messages in the fields of this number, each with its position.
    pub(crate) fn all(&self, number: u64) -> Vec<(usize, Self)> {
        let at = self.0.iter().enumerate().filter(|(_, (other, _))| *other == number);
        at.filter_map(|(position, (_, field))| match field {
            Field::Bytes(bytes) => Some((position, Self::read(bytes)?)),
            _ => None,
        })
        .collect()
    }

    /// The first text in a field of this number; empty where there is none.
    pub(crate) fn text(&self, number: u64) -> String {
        self.0.iter().find(|(other, _)| *other == number).map_or(String::new(), |(_, field)| match field {
            Field::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        })
    }

    /// Removes the fields of this number.
    pub(crate) fn clear(&mut self, number: u64) {
        self.0.retain(|(other, _)| *other != number);
    }

    /// Adds a field.
    pub(crate) fn push(&mut self, number: u64, field: impl Into<Field>) {
        self.0.push((number, field.into()));
    }

    /// Gives a field of this number one value in place of all it had.
    pub(crate) fn set(&mut self, number: u64, field: impl Into<Field>) {
        self.clear(number);
        self.push(number, field);
    }

    /// Changes the message at a position.
    pub(crate) fn edit(&mut self, position: usize, change: impl FnOnce(&mut Self)) {
        if let Field::Bytes(bytes) = &mut self.0[position].1
            && let Some(mut inner) = Self::read(bytes)
        {
            change(&mut inner);
            *bytes = inner.write();
        }
    }
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for Field {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<u64> for Field {
    fn from(value: u64) -> Self {
        Self::Varint(value)
    }
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self::Varint(value.cast_unsigned())
    }
}

impl From<Message> for Field {
    fn from(message: Message) -> Self {
        Self::Bytes(message.write())
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 127) << shift;
        if *first < 128 {
            return Some(value);
        }
    }
    None
}

fn encoded(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn take(bytes: &mut &[u8], len: usize) -> Option<Vec<u8>> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken.to_vec())
}
