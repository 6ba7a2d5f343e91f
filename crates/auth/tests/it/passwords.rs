//! Passwords with real bcrypt, at the lowest accepted cost.

use std::{
    future::Future as _,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use auth::{BcryptPasswords, PasswordSettings};
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher as _, Verdict},
    client::LargestNetwork,
};
use tokio::task::{JoinSet, yield_now};

const PEPPER: &str = "a pepper of thirty-two bytes at least";
const OTHER_PEPPER: &str = "another pepper of thirty-two bytes at least";
const UP_TO_DATE: Verdict = Verdict::Match { outdated: false };
const OUTDATED: Verdict = Verdict::Match { outdated: true };

fn hasher(cost: u32, pepper: Option<&str>) -> BcryptPasswords {
    let pepper = pepper.map(Into::into);
    BcryptPasswords::new(PasswordSettings { cost, pepper, threads: 2, queue: 16 }).unwrap()
}

fn here() -> LargestNetwork {
    LargestNetwork::of(None)
}

fn hash_of(text: &str) -> PasswordHash {
    PasswordHash(text.to_owned())
}

#[tokio::test]
async fn every_character_of_a_password_is_compared() {
    let emoji = |last: char| format!("{}{last}", "🦊".repeat(127));
    let long = |tail: &str| format!("{}{tail}", "correct horse battery staple ".repeat(3).split_at(72).0);
    let cases = [
        ("128 emoji, the last differs", emoji('🐻'), emoji('🐼')),
        ("72 equal bytes", long("one"), long("two")),
        ("72 equal bytes and no more", long("tail"), long("")),
        ("a NUL inside", "before\0after".into(), "before\0other".into()),
        ("a NUL at the end", "nothing more".into(), "nothing more\0".into()),
        ("Ukrainian", "їжачок у тумані".into(), "їжачок у тумани".into()),
        ("case", "correct horse battery".into(), "Correct horse battery".into()),
        ("nothing at all", "   ".into(), String::new()),
    ];
    let hasher = hasher(10, None);
    for (name, right, wrong) in cases {
        let (right, wrong) = (PasswordAttempt::new(&right), PasswordAttempt::new(&wrong));
        let hash = hasher.rehash(&right, here()).await.unwrap();
        assert_eq!(hasher.verify(&right, Some(&hash), here()).await.unwrap(), UP_TO_DATE, "{name}");
        assert_eq!(hasher.verify(&wrong, Some(&hash), here()).await.unwrap(), Verdict::Mismatch, "{name}");
    }
}

#[tokio::test]
async fn password_hash_is_salted_and_verifies() {
    let hasher = hasher(10, None);
    let text = "їжачок у тумані, 1975";
    let password = Password::parse(text).unwrap();
    let (first, second) =
        (hasher.hash(&password, here()).await.unwrap(), hasher.hash(&password, here()).await.unwrap());
    assert_ne!(first, second);
    assert!(first.0.starts_with("v1$-$$2b$10$"), "the scheme, no pepper, bcrypt, the cost");
    for hash in [first, second] {
        assert_eq!(hasher.verify(&PasswordAttempt::new(text), Some(&hash), here()).await.unwrap(), UP_TO_DATE);
    }
}

/// Hashes of Python's hmac and the C library's crypt. They must be readable for ever.
#[tokio::test]
async fn hashes_of_the_current_scheme_remain_valid() {
    let attempt = PasswordAttempt::new("їжачок у тумані");
    let plain = hash_of("v1$-$$2b$10$abcdefghijklmnopqrstuuoDE23Ncy/pftNLxiX0HQlAF7V2bh4nC");
    let peppered = hash_of("v1$f50aef91$$2b$10$ABCDEFGHIJKLMNOPQRSTUuwAbvmCODu6IJ2TDPPVGmcPZcGIP6V4m");
    let hasher = hasher(10, Some(PEPPER));
    assert_eq!(hasher.verify(&attempt, Some(&plain), here()).await.unwrap(), OUTDATED);
    assert_eq!(hasher.verify(&attempt, Some(&peppered), here()).await.unwrap(), UP_TO_DATE);
}

#[tokio::test]
async fn pepper_can_be_added_but_not_removed_or_changed() {
    let attempt = PasswordAttempt::new("correct horse battery");
    let wrong = PasswordAttempt::new("wrong horse battery");
    let (plain, peppered, changed) = (hasher(10, None), hasher(10, Some(PEPPER)), hasher(10, Some(OTHER_PEPPER)));
    let (plain_hash, peppered_hash) =
        (plain.rehash(&attempt, here()).await.unwrap(), peppered.rehash(&attempt, here()).await.unwrap());
    let cases = [
        ("no pepper", &plain, &plain_hash, UP_TO_DATE),
        ("a pepper", &peppered, &peppered_hash, UP_TO_DATE),
        ("added since", &peppered, &plain_hash, OUTDATED),
        ("lost since", &plain, &peppered_hash, Verdict::Mismatch),
        ("changed since", &changed, &peppered_hash, Verdict::Mismatch),
    ];
    for (name, hasher, hash, expected) in cases {
        assert_eq!(hasher.verify(&attempt, Some(hash), here()).await.unwrap(), expected, "{name}");
        assert_eq!(hasher.verify(&wrong, Some(hash), here()).await.unwrap(), Verdict::Mismatch, "{name}");
    }
}

#[tokio::test]
async fn hash_of_another_cost_is_outdated() {
    let attempt = PasswordAttempt::new("correct horse battery");
    let (ten, eleven) = (hasher(10, None), hasher(11, None));
    let (cheap, dear) = (ten.rehash(&attempt, here()).await.unwrap(), eleven.rehash(&attempt, here()).await.unwrap());
    assert_eq!(eleven.verify(&attempt, Some(&cheap), here()).await.unwrap(), OUTDATED);
    assert_eq!(ten.verify(&attempt, Some(&dear), here()).await.unwrap(), OUTDATED);
    assert_eq!(eleven.verify(&attempt, Some(&dear), here()).await.unwrap(), UP_TO_DATE);
}

#[tokio::test]
async fn missing_hash_matches_no_password() {
    for hasher in [hasher(10, None), hasher(10, Some(PEPPER))] {
        for text in ["", "correct horse battery"] {
            assert_eq!(hasher.verify(&PasswordAttempt::new(text), None, here()).await.unwrap(), Verdict::Mismatch);
        }
    }
}

/// Each mismatch passes through the pool, so all take the same time.
#[tokio::test]
async fn every_mismatch_is_computed_in_the_pool() {
    let attempt = PasswordAttempt::new("correct horse battery");
    let wrong = PasswordAttempt::new("wrong horse battery");
    let hasher = hasher(10, Some(PEPPER));
    let own = hasher.rehash(&attempt, here()).await.unwrap();
    let foreign = hash_of(&own.0.replacen(own.0.split('$').nth(1).unwrap(), "00000000", 1));
    for (attempt, hash) in [(&wrong, Some(&own)), (&attempt, Some(&foreign)), (&attempt, None)] {
        let mut answer = pin!(hasher.verify(attempt, hash, here()));
        assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(answer.await.unwrap(), Verdict::Mismatch);
    }
}

#[tokio::test]
async fn malformed_stored_hash_is_an_error() {
    let hasher = hasher(10, None);
    let good = hasher.rehash(&PasswordAttempt::new("correct horse battery"), here()).await.unwrap().0;
    let bcrypt = good.strip_prefix("v1$-$").unwrap();
    let cases = [
        String::new(),
        "correct horse battery".into(),
        bcrypt.into(),
        format!("v2$-${bcrypt}"),
        format!("v1${bcrypt}"),
        format!("v1$${bcrypt}"),
        format!("v1$1234567${bcrypt}"),
        format!("v1$1234567G${bcrypt}"),
        "v1$-$".into(),
        good.split_at(good.len() - 1).0.into(),
        format!("{good}x"),
        format!("v1$-${}", bcrypt.replacen("$10$", "$31$", 1)),
        format!("v1$-${}", bcrypt.replacen("$10$", "$04$", 1)),
    ];
    for stored in cases {
        let verdict =
            hasher.verify(&PasswordAttempt::new("correct horse battery"), Some(&hash_of(&stored)), here()).await;
        let Err(error @ HashingError::Failed(_)) = verdict else { panic!("{stored}: {verdict:?}") };
        assert!(stored.is_empty() || !format!("{error:?}").contains(&stored), "the error contains the hash");
    }
}

#[tokio::test]
async fn too_many_concurrent_verifications_are_rejected() {
    let hasher =
        Arc::new(BcryptPasswords::new(PasswordSettings { cost: 10, pepper: None, threads: 1, queue: 1 }).unwrap());
    let mut askers = JoinSet::new();
    // All of them wait before the first bcrypt is finished.
    for _ in 0..50 {
        let hasher = Arc::clone(&hasher);
        askers.spawn(async move { hasher.verify(&PasswordAttempt::new("correct horse battery"), None, here()).await });
    }
    let answers = askers.join_all().await;
    let overloaded = answers.iter().filter(|answer| matches!(answer, Err(HashingError::Overloaded))).count();
    let answered = answers.iter().filter(|answer| matches!(answer, Ok(Verdict::Mismatch))).count();
    assert!(overloaded >= 1 && answered >= 2, "{overloaded} rejected, {answered} answered");
    assert_eq!(overloaded + answered, 50);
    assert_eq!(hasher.readings().waiting, 0);
}

#[tokio::test]
async fn cancelled_verifications_leave_the_queue() {
    let hasher = BcryptPasswords::new(PasswordSettings { cost: 14, pepper: None, threads: 1, queue: 8 }).unwrap();
    let attempt = PasswordAttempt::new("correct horse battery");
    let mut context = Context::from_waker(Waker::noop());
    let mut askers: Vec<_> = (0..9).map(|_| Box::pin(hasher.verify(&attempt, None, here()))).collect();
    for asker in &mut askers {
        assert!(asker.as_mut().poll(&mut context).is_pending());
    }
    assert!(hasher.readings().waiting >= 7, "all but those that the thread took");
    drop(askers);
    assert_eq!(hasher.readings().waiting, 0);
}

#[tokio::test(flavor = "current_thread")]
async fn hashing_does_not_block_the_runtime() {
    let hasher = Arc::new(hasher(10, None));
    let asker = {
        let hasher = Arc::clone(&hasher);
        tokio::spawn(async move { hasher.rehash(&PasswordAttempt::new("correct horse battery"), here()).await })
    };
    // Hashing on the only worker would leave two or three turns.
    let mut turns = 0;
    while !asker.is_finished() {
        turns += 1;
        yield_now().await;
    }
    assert!(asker.await.unwrap().is_ok());
    assert!(turns > 10, "{turns} turns");
}
