//! Texts of the pages in both languages.

/// Texts of the pages.
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) service: &'static str,
    pub(super) error: &'static str,
    pub(super) verify: &'static str,
    pub(super) verify_button: &'static str,
    pub(super) verified: &'static str,
    pub(super) reset: &'static str,
    pub(super) address: &'static str,
    pub(super) password: &'static str,
    pub(super) end_app_passwords: &'static str,
    pub(super) end_app_passwords_hint: &'static str,
    pub(super) reset_button: &'static str,
    pub(super) too_common: &'static str,
    pub(super) password_rule: &'static str,
    pub(super) password_changed: &'static str,
    pub(super) confirm: &'static str,
    pub(super) confirm_button: &'static str,
    pub(super) address_changed: &'static str,
    pub(super) dead: &'static str,
    pub(super) dead_address: &'static str,
    pub(super) no_address: &'static str,
    pub(super) new_link_button: &'static str,
    pub(super) on_its_way: &'static str,
    pub(super) pending_email: &'static str,
    pub(super) revert: &'static str,
    pub(super) revert_button: &'static str,
    pub(super) reverted: &'static str,
}

pub(super) const ENGLISH: Words = Words {
    language: "en",
    service: "Contacts",
    error: "Error",
    verify: "Confirm your e-mail address",
    verify_button: "Confirm the address",
    verified: "Address confirmed",
    reset: "New password",
    address: "E-mail address of your account (optional)",
    password: "New password",
    end_app_passwords: "End all app passwords",
    end_app_passwords_hint: "Programs that sync your contacts need new ones afterwards.",
    reset_button: "Save the password",
    too_common: "This password is too easy to guess. Take a longer or less common one.",
    password_rule: "8 to 128 characters of any kind. A few random words make a good password.",
    password_changed: "Password changed",
    confirm: "Confirm the new address",
    confirm_button: "Confirm the new address",
    address_changed: "Address changed",
    dead: "The link does not work",
    dead_address: "E-mail address of your account",
    no_address: "Enter an e-mail address like name@example.com.",
    new_link_button: "Send a new link",
    on_its_way: "Check your mail",
    pending_email: "The new address you asked for",
    revert: "Take the address back",
    revert_button: "Take the address back",
    reverted: "Address taken back",
};

pub(super) const UKRAINIAN: Words = Words {
    language: "uk",
    service: "Контакти",
    error: "Помилка",
    verify: "Підтвердження електронної адреси",
    verify_button: "Підтвердити адресу",
    verified: "Адресу підтверджено",
    reset: "Новий пароль",
    address: "Електронна адреса облікового запису (необов’язково)",
    password: "Новий пароль",
    end_app_passwords: "Скасувати всі паролі застосунків",
    end_app_passwords_hint: "Програмам, які синхронізують ваші контакти, потім знадобляться нові.",
    reset_button: "Зберегти пароль",
    too_common: "Цей пароль надто легко вгадати. Оберіть довший або менш поширений.",
    password_rule: "Від 8 до 128 будь-яких символів. Надійний пароль легко скласти з кількох випадкових слів.",
    password_changed: "Пароль змінено",
    confirm: "Підтвердження нової адреси",
    confirm_button: "Підтвердити нову адресу",
    address_changed: "Адресу змінено",
    dead: "Посилання не діє",
    dead_address: "Електронна адреса вашого облікового запису",
    no_address: "Введіть електронну адресу на зразок name@example.com.",
    new_link_button: "Надіслати нове посилання",
    on_its_way: "Перевірте пошту",
    pending_email: "Нова адреса, яку ви вказали",
    revert: "Повернення адреси",
    revert_button: "Повернути адресу",
    reverted: "Адресу повернуто",
};

impl Words {
    pub(super) fn title(&self, of: &str) -> String {
        format!("{of} · {}", self.service)
    }

    pub(super) fn error_title(&self, of: &str) -> String {
        format!("{}: {of} · {}", self.error, self.service)
    }
}
