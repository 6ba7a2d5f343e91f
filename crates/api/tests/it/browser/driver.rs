//! A headless Chromium over WebDriver. It has the screen of a small phone, and reaches 127.0.0.1 only.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    process::{Child, Command},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    key::Key,
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

const MISSING: &str = "no chromedriver: install it and Chromium (Debian: apt-get install chromium chromium-driver)";

/// Root may not use Chromium's own sandbox; the pages are ours.
const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    // Without these, a processor paints what a graphics card would paint, before it paints the page.
    "--disable-gpu",
    "--disable-gpu-compositing",
    "--disable-software-rasterizer",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
];

/// The narrowest screen that pages must fit without scrolling sideways (WCAG 2.2, 1.4.10), in CSS pixels.
const PHONE: (u32, u32) = (320, 640);

/// The smallest target for a finger (WCAG 2.2, 2.5.5), in CSS pixels.
const FINGER: f64 = 44.0;

/// chromedriver on a port of its own. Everything it starts belongs to its process group, and ends with it.
struct Driver {
    process: Child,
    folder: TempDir,
}

impl Driver {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", folder.path()).env("HOME", folder.path());
        command.stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        let process = command.spawn().unwrap_or_else(|error| panic!("{MISSING}; {error}"));
        Self { process, folder }
    }

    /// Waits for the port in the log, and returns the URL.
    async fn address(&self) -> String {
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        for _ in 0..1500 {
            let log = log();
            let rest = log.split_once("started successfully on port ").and_then(|(_, rest)| rest.split_once('.'));
            if let Some((port, _)) = rest {
                return format!("http://127.0.0.1:{port}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("chromedriver did not start within 30 seconds: {}", log());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let end_all = format!("kill -s KILL -- -{}", self.process.id());
        let _ = Command::new("sh").args(["-c", &end_all]).status();
        let _ = self.process.wait();
    }
}

/// A window.
pub(super) struct Browser {
    client: Client,
    language: &'static str,
    _driver: Driver,
}

/// Setting of the browser: scripts of pages run, or they do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    On,
    Off,
}

/// Description of a field or button in a screen reader: its role and its name.
pub(super) type Control = (String, String);

impl Browser {
    /// Opens a window of a user with that language.
    pub(super) async fn start(language: &'static str, scripts: Scripts) -> Self {
        let driver = Driver::start();
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).into();
        arguments.push(format!("--accept-lang={language}"));
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let client = builder.connect(&driver.address().await).await.unwrap();
        let browser = Self { client, language, _driver: driver };
        let (width, height) = PHONE;
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": true});
        browser.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        let off = json!({"value": scripts == Scripts::Off});
        browser.devtools("Emulation.setScriptExecutionDisabled", off).await;
        browser
    }

    pub(super) async fn close(self) {
        self.client.close().await.unwrap();
    }

    pub(super) async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    pub(super) async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    /// Waits for the page with a title, and checks the rules of all pages. Returns its fields and buttons, in
    /// their order.
    pub(super) async fn arrive(&self, title: &str) -> Vec<Control> {
        self.wait_for_title(title).await;
        self.check_page().await
    }

    /// Waits for a page that the rules of pages do not apply to.
    pub(super) async fn wait_for_title(&self, title: &str) {
        for _ in 0..600 {
            if self.title().await == title {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{title:?} did not come within 30 seconds; there is {:?}", self.client.source().await);
    }

    async fn check_page(&self) -> Vec<Control> {
        let facts = self.evaluate(PAGE_FACTS).await;
        assert_eq!(facts["language"], self.language, "{facts}");
        assert_eq!(facts["headings"], 1, "{facts}");
        assert_eq!(facts["dangling"], json!([]), "a label or a description belongs to nothing: {facts}");
        assert_eq!(facts["width"], PHONE.0, "{facts}");
        assert!(facts["widest"].as_f64() <= facts["width"].as_f64(), "the page scrolls sideways: {facts}");
        assert_ne!(facts["padding"], "0px", "the style sheet was not applied: {facts}");
        assert_eq!(self.role(&self.find("main").await).await, "main");
        assert_eq!(self.complaints().await, Vec::<String>::new());

        let mut controls = Vec::new();
        for control in self.client.find_all(Locator::Css("a, button, input:not([type=hidden])")).await.unwrap() {
            let (_, _, width, height) = control.rectangle().await.unwrap();
            let (role, name) = (self.role(&control).await, self.name(&control).await);
            assert!(width >= FINGER && height >= FINGER, "{name} is {width} x {height}");
            controls.push((role, name));
        }
        controls
    }

    /// Returns the lines of the console, without expected statuses of pages.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.issue(Method::POST, "se/log", Some(json!({"type": "browser"}))).await;
        let is_status = |entry: &&Value| {
            entry["source"] == "network" && entry["message"].as_str().unwrap().contains("responded with a status of 4")
        };
        let entries = log.as_array().unwrap().iter().filter(|entry| !is_status(entry));
        entries.map(ToString::to_string).collect()
    }

    /// Presses Tab, and expects the focus on the field or button with that name, with a visible ring.
    pub(super) async fn tab_to(&self, name: &str) {
        self.press(Key::Tab).await;
        self.expect_focus(name).await;
        let ring = self.active().await.css_value("outline-style").await.unwrap();
        assert_eq!(ring, "solid", "{name} does not show that it has the focus");
    }

    pub(super) async fn expect_focus(&self, name: &str) {
        assert_eq!(self.name(&self.active().await).await, name);
    }

    pub(super) async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Replaces the text in the field that has the focus.
    pub(super) async fn type_over(&self, text: &str) {
        let field = self.active().await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Returns the text in a field.
    pub(super) async fn value(&self, selector: &str) -> String {
        self.find(selector).await.prop("value").await.unwrap().unwrap()
    }

    /// The texts that a screen reader reads after the name of the field that has the focus.
    pub(super) async fn description_of_focus(&self) -> String {
        self.evaluate(DESCRIPTION).await.as_str().unwrap().to_owned()
    }

    pub(super) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap()
    }

    /// The colour behind the whole page.
    pub(super) async fn background(&self) -> String {
        self.find("body").await.css_value("background-color").await.unwrap()
    }

    pub(super) async fn prefer_dark(&self) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    async fn active(&self) -> Element {
        self.client.active_element().await.unwrap()
    }

    async fn find(&self, selector: &str) -> Element {
        self.client.find(Locator::Css(selector)).await.unwrap()
    }

    async fn name(&self, element: &Element) -> String {
        self.computed(element, "computedlabel").await
    }

    async fn role(&self, element: &Element) -> String {
        self.computed(element, "computedrole").await
    }

    async fn computed(&self, element: &Element, what: &str) -> String {
        let path = format!("element/{}/{what}", element.element_id().as_ref());
        self.issue(Method::GET, &path, None).await.as_str().unwrap().to_owned()
    }

    /// Runs a script of the test, also when the scripts of pages are off.
    async fn evaluate(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.issue(Method::POST, "goog/cdp/execute", Some(body)).await;
    }

    async fn issue(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let command = Raw { method, path: path.to_owned(), body: body.map(|body| body.to_string()) };
        self.client.issue_cmd(command).await.unwrap()
    }
}

const PAGE_FACTS: &str = r#"
    const names = [...document.querySelectorAll("label")].map(label => label.htmlFor);
    const texts = [...document.querySelectorAll("[aria-describedby]")]
        .flatMap(field => field.getAttribute("aria-describedby").split(" "));
    return {
        language: document.documentElement.lang,
        headings: document.querySelectorAll("h1").length,
        dangling: [...names, ...texts].filter(id => document.querySelectorAll(`[id="${id}"]`).length !== 1),
        width: document.documentElement.clientWidth,
        widest: document.documentElement.scrollWidth,
        padding: getComputedStyle(document.querySelector("main")).paddingTop,
    };"#;

const DESCRIPTION: &str = r#"
    return document.activeElement.getAttribute("aria-describedby").split(" ")
        .map(id => document.getElementById(id).textContent.trim()).join(" ");"#;

/// A command that fantoccini has no function for.
#[derive(Debug)]
struct Raw {
    method: Method,
    path: String,
    body: Option<String>,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.clone())
    }
}
