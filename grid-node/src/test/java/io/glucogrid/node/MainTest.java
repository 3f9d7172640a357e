package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void helpListsTheVerbsAndTheExitCodes() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("node", "kafka", "settings", "Exit codes:", "2   wrong usage");
    }

    @Test
    void everyVerbHasHelpThatSaysWhatItDoes() {
        for (CommandLine verb : Main.commandLine().getSubcommands().values()) {
            CommandLine.Model.UsageMessageSpec usage = verb.getCommandSpec().usageMessage();
            assertThat(usage.header().length + usage.description().length)
                    .as(verb.getCommandName())
                    .isPositive();
            assertThat(run(verb.getCommandName(), "--help")).isZero();
        }
    }

    @Test
    void aMisspeltVerbIsWrongUsageWithASuggestion() {
        assertThat(run("nod")).isEqualTo(2);
        assertThat(err.toString()).contains("Did you mean: glucogrid node");
    }

    @Test
    void noVerbAtAllIsWrongUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("a verb is missing");
    }

    @Test
    void aFailureIsOneSentenceWithoutTrace() {
        assertThat(run("settings", "--env", "lcal")).isEqualTo(1);
        assertThat(err.toString()).contains("did you mean 'local'?").doesNotContain("\tat ");
    }

    @Test
    void verboseShowsTheTrace() {
        assertThat(run("settings", "--verbose", "--env", "lcal")).isEqualTo(1);
        assertThat(err.toString()).contains("\tat io.glucogrid");
    }

    @Test
    void theFlagsOfTheShippedListHoldInThisJvm() {
        assertThat(JvmCheck.missing(MainTest.class.getModule())).isEmpty();
    }
}
