package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.glucogrid.client.process.Child;
import io.glucogrid.client.process.Launcher;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSlotTest {
    /** Writes its node file as a node does, then waits to be killed. */
    private static final String NODE =
            "mkdir -p $0/nodes; echo '{\"name\":\"n\",\"pid\":'$$',\"api\":\"http://127.0.0.1:1\"}' > $0/nodes/n.json; exec sleep 60";

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();
    private NodeSlot slot;

    @AfterEach
    void stop() {
        slot.stop(Duration.ofSeconds(5));
    }

    @Test
    void aNodeThatDiesIsStartedAgain() {
        slot = slot(NODE);
        await().until(this::isUp);
        NodeSlot.Up first = (NodeSlot.Up) slot.state();

        first.child().stop(Duration.ofSeconds(5));
        await().until(() -> isUp() && !slot.state().equals(first));

        assertThat(slot.restarts()).isEqualTo(1);
        assertThat(said.toString()).contains("starting it again");
    }

    @Test
    void aNodeThatCannotStartFailsWithTheEndOfItsLog() {
        slot = slot("echo cannot bind; exit 7");

        await().until(() -> {
            slot.tick();
            return slot.state() instanceof NodeSlot.Failed;
        });

        NodeSlot.Failed failed = (NodeSlot.Failed) slot.state();
        assertThat(failed.reason()).hasMessageContaining("exit code 7").hasMessageContaining("cannot bind");
    }

    @Test
    void anotherProcessesNodeFileIsNotTakenForOurs() throws IOException {
        Files.createDirectories(folder.resolve("nodes"));
        Files.writeString(
                folder.resolve("nodes/old.json"), "{\"name\":\"old\",\"pid\":1,\"api\":\"http://127.0.0.1:2\"}");
        Files.writeString(folder.resolve("nodes/half.json"), "{\"name\":");
        slot = slot("exec sleep 60");

        slot.tick();

        assertThat(slot.state()).isInstanceOf(NodeSlot.Starting.class);
        assertThat(slot.node()).isNull();
    }

    private boolean isUp() {
        slot.tick();
        return slot.state() instanceof NodeSlot.Up;
    }

    private NodeSlot slot(String script) {
        Launcher shell = Launcher.of(List.of("/bin/sh", "-c"));
        return NodeSlot.start(
                "node-1",
                folder,
                () -> Child.start(
                        shell, "node-1", List.of(script, folder.toString()), Map.of(), folder.resolve("node-1.log")),
                new DemoOutput(new PrintWriter(said), false));
    }
}
