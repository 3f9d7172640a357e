package io.glucogrid.node;

import io.glucogrid.cli.Verb;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints every setting of a node with its default. */
@Command(name = "settings", header = "List the GRID_* settings of an environment and their defaults.")
final class SettingsVerb implements Verb {
    @Option(
            names = "--env",
            paramLabel = "ENV",
            defaultValue = "local",
            description = "local, cluster, docker, aws, or an XML file. Default: ${DEFAULT-VALUE}.")
    private String environment = "local";

    @Option(names = "--markdown", description = "As the table of the README.")
    private boolean markdown;

    @Override
    public Integer call() {
        System.out.print(table());
        return 0;
    }

    private String table() {
        Map<String, String> defaults =
                XmlDefaults.of(Environment.of(environment).overlay());
        StringBuilder table = new StringBuilder();
        if (markdown) {
            table.append("| Key | Default | Meaning |\n|---|---|---|\n");
        }
        for (Setting setting : Setting.values()) {
            String value = shown(defaults.getOrDefault(setting.key(), ""));
            table.append(
                    markdown
                            ? String.format(
                                    "| `%s` | %s | %s |%n",
                                    setting.key(), value.isEmpty() ? "" : "`" + value + "`", setting.doc())
                            : String.format("  %-24s %s%n  %-24s   %s%n", setting.key(), value, "", setting.doc()));
        }
        return table.toString();
    }

    /** A default that names another setting shows the name only. */
    private static String shown(String value) {
        return value.replaceAll("\\$\\{(GRID_[A-Z_]+):[^}]*}", "\\$$1");
    }
}
