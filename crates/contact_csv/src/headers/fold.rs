//! Folds names of columns, so that case, accents, punctuation and numbers do not matter.

/// A name without case, accents, spaces and punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoldedName {
    /// The letters.
    pub letters: String,
    /// The first numbers: 2 and 3 in `Address 2 - Street 3`.
    pub numbers: [Option<usize>; 2],
    /// True when the name ends with its first number.
    pub ends_with_number: bool,
}

/// Folds a name. Long names are cut, because no known name is long.
pub(crate) fn fold(name: &str) -> FoldedName {
    const LONGEST: usize = 100;
    let mut letters = String::new();
    let mut numbers: Vec<String> = Vec::new();
    let mut is_number = false;
    let mut ends_with_number = false;
    for character in name.chars().take(LONGEST).flat_map(char::to_lowercase) {
        if character.is_ascii_digit() {
            match numbers.last_mut().filter(|_| is_number) {
                Some(number) => number.push(character),
                None => numbers.push(character.to_string()),
            }
            is_number = true;
            ends_with_number = numbers.len() == 1;
        } else {
            is_number = false;
            ends_with_number &= !character.is_alphanumeric();
            push_folded(character, &mut letters);
        }
    }
    let mut numbers = numbers.iter().map(|number| number.parse().ok().filter(|number| (1..=1_000).contains(number)));
    let mut next = || numbers.next().flatten();
    FoldedName { letters, numbers: [next(), next()], ends_with_number }
}

/// Adds a letter without its accent. Spaces, punctuation and combining accents are left out.
fn push_folded(character: char, letters: &mut String) {
    let plain = match character {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ś' | 'š' => 's',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ź' | 'ż' | 'ž' => 'z',
        'ї' => 'і',
        'й' => 'и',
        'ґ' => 'г',
        'ß' => return letters.push_str("ss"),
        // The apostrophe of Ukrainian, which is a letter in Unicode.
        'ʼ' => return,
        other => other,
    };
    if plain.is_alphabetic() && !('\u{300}'..='\u{36f}').contains(&plain) {
        letters.push(plain);
    }
}
