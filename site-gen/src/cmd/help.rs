//! `--help` and errors of the command line, in the program's language.
//!
//! The texts are in English beside each argument. This module looks them up in `messages/help.toml`, and then replaces clap's own
//! words by Chinese ones.

use std::process::ExitCode;

use circle_model::view::Lang;
use clap::{Command, builder::StyledStr, error::ErrorKind};
use site_gen::messages;

/// `command` with every text in `lang`.
pub(crate) fn in_language(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let said = |text: Option<&StyledStr>| text.map(|text| messages::in_language(lang, &text.to_string()));
    let (about, long, after) =
        (said(command.get_about()), said(command.get_long_about()), said(command.get_after_help()));
    let mut command = command.mut_args(|argument| {
        let (help, long) = (said(argument.get_help()), said(argument.get_long_help()));
        let argument = if let Some(help) = help { argument.help(help) } else { argument };
        if let Some(long) = long { argument.long_help(long) } else { argument }
    });
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long) = long {
        command = command.long_about(long);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command.mut_subcommands(|command| in_language(command, lang))
}

/// Prints the help, the version, or an error of the command line.
pub(crate) fn tell(error: &clap::Error, lang: Lang) -> ExitCode {
    let failed = !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if lang == Lang::En {
        // If this cannot be written, nothing else can be.
        let _ = error.print();
    } else {
        let text = headings(&error.render().to_string(), lang);
        if failed { eprint!("{text}") } else { print!("{text}") }
    }
    ExitCode::from(if failed { 2 } else { 0 })
}

/// Clap's own words, which no command can change.
const CLAP: &[(&str, &str, &str)] = &[
    ("Usage: ", "用法：", "用法："),
    ("Commands:", "命令：", "指令："),
    ("Arguments:", "参数：", "參數："),
    ("Options:", "选项：", "選項："),
    ("Possible values:", "可以写：", "可以寫："),
    ("[possible values: ", "[可以写：", "[可以寫："),
    ("[default: ", "[默认：", "[預設："),
    ("[aliases: ", "[别名：", "[別名："),
    ("Print this message or the help of the given subcommand(s)", "显示说明", "顯示說明"),
    ("Print help (see a summary with '-h')", "显示说明（-h 为简短说明）", "顯示說明（-h 為簡短說明）"),
    ("Print help (see more with '--help')", "显示说明（--help 更详细）", "顯示說明（--help 更詳細）"),
    ("Print help", "显示说明", "顯示說明"),
    ("Print version", "显示版本", "顯示版本"),
    ("[OPTIONS]", "[选项]", "[選項]"),
    ("<COMMAND>", "<命令>", "<指令>"),
    ("[COMMAND]", "[命令]", "[指令]"),
];

fn headings(text: &str, lang: Lang) -> String {
    let text = messages::in_language(lang, text);
    CLAP.iter().fold(text, |text, (english, hans, hant)| text.replace(english, lang.pick(hans, hant, english)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn untranslated(command: &Command, path: &str, missing: &mut Vec<String>) {
        let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
        let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
        let texts = arguments.flat_map(|argument| [argument.get_help(), argument.get_long_help()]);
        for text in own.into_iter().chain(texts).flatten().map(StyledStr::to_string) {
            if !messages::is_translated(&text) {
                missing.push(format!("{path}: {text}"));
            }
        }
        for below in command.get_subcommands() {
            untranslated(below, &format!("{path} {}", below.get_name()), missing);
        }
    }

    #[test]
    fn every_help_text_is_in_chinese() {
        let mut missing = Vec::new();
        untranslated(&crate::Cli::command(), "circlekeep", &mut missing);
        assert!(missing.is_empty(), "not in messages/help.toml:\n{}", missing.join("\n"));
    }

    #[test]
    fn help_speaks_one_language() {
        let command = in_language(crate::Cli::command(), Lang::ZhHans);
        let help = command.try_get_matches_from(["circlekeep", "build", "--help"]).unwrap_err();
        let text = headings(&help.render().to_string(), Lang::ZhHans);
        assert!(text.contains("用法：") && text.contains("选项：") && text.contains("显示说明"), "{text}");
        assert!(!text.contains("Usage") && !text.contains("Print"), "{text}");
    }
}
