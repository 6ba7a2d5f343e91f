//! The lines of a text, and what becomes of them.

use std::collections::HashSet;

use crate::{
    card::Card,
    error::ReadError,
    lexer::{CardText, ContentLine, Encoding},
    limits::Limits,
    property::Property,
    reader::{LineReader, read_lines},
    value::annotates,
    writer::{FreshGroups, LineWriter},
};

/// Lines of a text, and the changes to them.
pub(super) struct Draft<'a> {
    text: CardText<'a>,
    reader: LineReader,
    retained: &'a dyn Fn(&Card) -> Card,
    /// Values of the text as the model retains them.
    pub before: Card,
    fates: Vec<Fate>,
    /// Lines whose text is in another position, or appended.
    moved: HashSet<usize>,
    groups: FreshGroups,
    appended: String,
}

/// Future of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Stays,
    /// The lines in its position; empty for a removed line.
    Becomes(String),
}

impl<'a> Draft<'a> {
    pub(super) fn parse(
        received: &'a str,
        limits: &Limits,
        retained: &'a dyn Fn(&Card) -> Card,
    ) -> Result<Self, ReadError> {
        let text = CardText::parse(received, limits)?;
        let before = retained(&read_lines(&text));
        let fates = vec![Fate::Stays; text.lines().len()];
        let (reader, groups) = (LineReader::new(&text), FreshGroups::beside(&text));
        Ok(Self { text, reader, retained, before, fates, moved: HashSet::new(), groups, appended: String::new() })
    }

    /// Returns the indexes of the lines of a property.
    pub(super) fn lines_of(&self, property: Property) -> Vec<usize> {
        self.text
            .body()
            .filter(|(_, line)| Property::of(line.name()) == Some(property))
            .map(|(index, _)| index)
            .collect()
    }

    /// Returns a card with the value of one line only.
    pub(super) fn card_of(&self, index: usize, property: Property) -> Card {
        let mut card = Card::default();
        if let Some(line) = self.text.lines().get(index) {
            self.reader.read(line, property, &mut card);
        }
        card
    }

    /// Returns the values of a card that the model retains.
    pub(super) fn retained(&self, card: &Card) -> Card {
        (self.retained)(card)
    }

    /// Replaces a line by new lines, or removes it. Without an index the new lines are appended.
    pub(super) fn replace(&mut self, index: Option<usize>, write: impl FnOnce(&mut LineWriter<'_>)) {
        let mut writer = LineWriter::new(self.text.version(), self.text.line_end(), &mut self.groups);
        write(&mut writer);
        let lines = writer.finish();
        self.put(index, lines);
    }

    /// Puts the text of a line in the position of another one. Without a position it is appended. The caller also
    /// replaces the line in its own position.
    pub(super) fn move_line(&mut self, line: usize, position: Option<usize>) {
        let Some(text) = self.text.lines().get(line).map(|line| self.before_another(line)) else { return };
        self.moved.insert(line);
        self.put(position, text);
    }

    fn put(&mut self, position: Option<usize>, lines: String) {
        match position.and_then(|position| self.fates.get_mut(position)) {
            Some(fate) => *fate = Fate::Becomes(lines),
            None => self.appended.push_str(&lines),
        }
    }

    /// Returns the text of a line, for a position before another line. A soft line break at the end of the last line of
    /// a card would join both, so a blank line follows it.
    fn before_another(&self, line: &ContentLine<'_>) -> String {
        let mut text = line.raw().to_owned();
        if line.encoding() == Some(Encoding::QuotedPrintable) && text.trim_end().ends_with('=') {
            text.push_str(self.text.line_end());
        }
        text
    }

    pub(super) fn into_text(mut self) -> String {
        self.remove_annotations();
        let mut text = String::new();
        for (index, (line, fate)) in self.text.lines().iter().zip(&self.fates).enumerate() {
            if index == self.text.end() {
                text.push_str(&self.appended);
            }
            let is_before_appended = index + 1 == self.text.end() && !self.appended.is_empty();
            match fate {
                Fate::Stays if is_before_appended => text.push_str(&self.before_another(line)),
                Fate::Stays => text.push_str(line.raw()),
                Fate::Becomes(lines) => text.push_str(lines),
            }
        }
        text
    }

    /// Removes the lines that describe the value of a group, where a value of the group has changed and none is left. A
    /// value in another position is left.
    fn remove_annotations(&mut self) {
        let (mut changed, mut left) = (HashSet::new(), HashSet::new());
        for ((index, line), fate) in self.body_with_fates() {
            if let Some(group) = group_of(line).filter(|_| !annotates(line.name())) {
                if *fate == Fate::Stays || self.moved.contains(&index) {
                    left.insert(group)
                } else {
                    changed.insert(group)
                };
            }
        }
        let is_orphaned = |line: &ContentLine<'_>| {
            annotates(line.name())
                && group_of(line).is_some_and(|group| changed.contains(&group) && !left.contains(&group))
        };
        let orphaned: Vec<usize> =
            self.text.body().filter(|(_, line)| is_orphaned(line)).map(|(index, _)| index).collect();
        for index in orphaned {
            self.replace(Some(index), |_| {});
        }
    }

    fn body_with_fates(&self) -> impl Iterator<Item = ((usize, &ContentLine<'a>), &Fate)> {
        self.text.body().filter_map(|(index, line)| Some(((index, line), self.fates.get(index)?)))
    }
}

fn group_of(line: &ContentLine<'_>) -> Option<String> {
    line.group().map(str::to_ascii_lowercase)
}
