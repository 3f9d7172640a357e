package io.glucogrid.http;

import io.glucogrid.conversation.GoldenCases;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.nio.file.Path;
import java.util.List;
import org.apache.ignite.Ignite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays the captured conversations of the reference, in order, against a fresh node. */
class GoldenReplayTest {
    @Test
    void everyCapturedRequestIsAnsweredAsTheContractSays(@TempDir Path work) throws Exception {
        Path golden = GoldenCases.file();
        try (Ignite ignite = new TestNode(work, "golden").start("golden")) {
            GoldenCases.replay(golden, List.of(ApiCaller.ready(ignite)));
        }
    }
}
