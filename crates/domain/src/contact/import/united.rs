//! The values of an existing contact and of an entry, united.

use std::mem::take;

use crate::{
    contact::{
        ContactCard, LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone, PersonName,
        contact_email::email_key,
        phone_search::{extension_digits, phone_key},
        same_person::words,
    },
    folding::{fold, fold_case},
};

/// Returns a card with the values of the entry, and with those values of the old card that the entry does not have. Of
/// two spellings of one e-mail, phone, address or link, that of the entry remains. The card is not validated: lists may be
/// too long.
pub(crate) fn united(old: &ContactCard, entry: &ContactCard) -> ContactCard {
    let (mut old, mut entry) = (old.clone(), entry.clone());
    let emails = united_list(
        take(&mut old.emails),
        take(&mut entry.emails),
        |email| email_key(email.address.as_str()),
        |old, new| LabeledEmail { label: new.label.or(old.label), ..new },
    );
    let phones = united_list(take(&mut old.phones), take(&mut entry.phones), phone_text_key, |old, new| LabeledPhone {
        label: new.label.or(old.label),
        ..new
    });
    let addresses = united_list(take(&mut old.addresses), take(&mut entry.addresses), address_key, |old, new| {
        LabeledAddress { label: new.label.or(old.label), ..new }
    });
    let urls = united_list(take(&mut old.urls), take(&mut entry.urls), link_key, |old, new| LabeledLink {
        label: new.label.or(old.label),
        ..new
    });
    let tags = united_list(take(&mut old.tags), take(&mut entry.tags), |tag| fold_case(tag.as_str()), |old, _| old);
    unite_names(&mut old, &mut entry);
    ContactCard { emails, phones, addresses, urls, tags, ..entry.completed_with(old) }
}

/// Unites the name of a file that has it in one field, such as `FN` without `N`, with a first and a last name. The same
/// words in any order leave the old names. Several other words are the whole name.
fn unite_names(old: &mut ContactCard, entry: &mut ContactCard) {
    let ((Some(name), None) | (None, Some(name))) = (&entry.first_name, &entry.last_name) else { return };
    let both = [&old.first_name, &old.last_name].map(|name| name.as_ref().map_or("", PersonName::as_str)).join(" ");
    let own = words(name.as_str());
    if own == words(&both) {
        (entry.first_name, entry.last_name) = (None, None);
    } else if own.len() > 1 {
        (old.first_name, old.last_name) = (None, None);
    }
}

/// Returns the old values, each replaced by the new one with the same key, and then the other new values.
fn united_list<T: Clone>(old: Vec<T>, new: Vec<T>, key: impl Fn(&T) -> String, replaced: impl Fn(T, T) -> T) -> Vec<T> {
    let mut new: Vec<(String, Option<T>)> = new.into_iter().map(|value| (key(&value), Some(value))).collect();
    let mut values = Vec::with_capacity(old.len() + new.len());
    for old in old {
        let old_key = key(&old);
        let same = new.iter_mut().find(|(key, value)| *key == old_key && value.is_some());
        values.push(match same.and_then(|(_, value)| value.take()) {
            Some(same) => replaced(old, same),
            None => old,
        });
    }
    values.extend(new.into_iter().filter_map(|(_, value)| value));
    values
}

/// Returns the key of a phone with its extension, or its text if it is too short for a key.
fn phone_text_key(phone: &LabeledPhone) -> String {
    let with_extension = |key: String| key + ";" + &extension_digits(&phone.number);
    phone_key(&phone.number).map_or_else(|| fold(phone.number.as_str()), with_extension)
}

fn address_key(address: &LabeledAddress) -> String {
    let LabeledAddress { label: _, street, city, region, postal_code, country } = address;
    let lines = [street, city, region, postal_code, country];
    lines.map(|line| line.as_ref().map(|line| fold(line.as_str())).unwrap_or_default()).join("\n")
}

/// Scheme and host ignore case (RFC 3986, 6.2.2.1).
fn link_key(link: &LabeledLink) -> String {
    let url = link.url.as_str().trim_end_matches('/');
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |length| host + length);
    fold_case(&url[..end]) + &url[end..]
}
