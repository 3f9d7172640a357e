package io.glucogrid.client.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    @TempDir
    private Path folder;

    @Test
    void whatItPrintsIsFoundInItsOwnPartOfTheLog() throws IOException, InterruptedException {
        Path log = folder.resolve("logs/child.log");
        Files.createDirectories(log.getParent());
        Files.writeString(log, "ready from before\n");

        Child child = child("echo one; echo ready on 1; echo $NAME", Map.of("NAME", "value"));

        assertThat(child.awaitEnd(Duration.ofSeconds(10))).isTrue();
        assertThat(child.exitCode()).isZero();
        assertThat(child.line("ready")).isEqualTo("ready on 1");
        assertThat(child.line("nothing")).isNull();
        assertThat(child.tail(2)).isEqualTo("ready on 1\nvalue");
    }

    @Test
    void anEmptyValueTakesAVariableAway() throws InterruptedException {
        Child child = child("echo home=$HOME.", Map.of("HOME", ""));

        assertThat(child.awaitEnd(Duration.ofSeconds(10))).isTrue();
        assertThat(child.line("home=")).isEqualTo("home=.");
    }

    @Test
    void oneThatDoesNotEndWhenAskedIsEnded() {
        Child child = child("trap '' TERM; echo up; while true; do sleep 0.1; done", Map.of());
        await().until(() -> child.line("up") != null);

        child.stop(Duration.ofMillis(300));

        await().until(() -> !child.isAlive());
    }

    @Test
    void whatItStartedEndsWithIt() {
        Child child = child("sleep 60 & echo started $!; wait", Map.of());
        await().until(() -> child.line("started") != null);
        long pid = Long.parseLong(String.valueOf(child.line("started")).replaceAll("\\D", ""));
        assertThat(child.runs(pid)).isTrue();

        child.stop(Duration.ofSeconds(5));

        await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        Path log = folder.resolve("log");

        assertThatThrownBy(() -> {
                    Child child = Child.start(Launcher.of(List.of("/no/such")), "it", List.of("x"), Map.of(), log);
                    assertThat(child.awaitEnd(Duration.ofSeconds(10))).isTrue();
                    throw new IllegalStateException(child.exitCode() + child.tail(3));
                })
                .hasMessageContaining("/no/such");
    }

    private Child child(String script, Map<String, String> environment) {
        return Child.start(
                Launcher.of(List.of("/bin/sh", "-c")),
                "child",
                List.of(script),
                environment,
                folder.resolve("logs/child.log"));
    }
}
