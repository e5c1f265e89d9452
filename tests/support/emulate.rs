//! What a reader asks of a page through the settings of browser and system.

use serde_json::{Value, json};

use crate::browser::Browser;

impl Browser {
    /// Sets media features such as `("prefers-color-scheme", "dark")`; `medium` is `screen` or `print`.
    pub async fn prefer(&self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> = features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.command("Emulation.setEmulatedMedia", json!({"media": medium, "features": features})).await;
    }

    /// Gives the page another size, in pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Runs `script` in each page from now on, before the page's own.
    pub async fn before_every_page(&self, script: &str) {
        self.command("Page.enable", json!({})).await;
        self.command("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
    }

    /// Presses a key once: its name and code, such as `("Tab", 9)`.
    pub async fn press(&self, key: &str, code: u32) {
        // Without its text, Enter follows no link.
        let text = if key == "Enter" { "\r" } else { "" };
        let event = |kind: &str, text: &str| json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        self.command("Input.dispatchKeyEvent", event(down, text)).await;
        self.command("Input.dispatchKeyEvent", event("keyUp", "")).await;
    }
}
