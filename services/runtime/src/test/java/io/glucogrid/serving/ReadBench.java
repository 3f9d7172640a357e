package io.glucogrid.serving;

import io.glucogrid.feature.FeatureStore;
import io.glucogrid.grid.LocalService;
import io.glucogrid.json.FeatureJson;
import io.glucogrid.node.ApiCaller;
import io.glucogrid.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One online read of one entity, from its parsed request to the bytes of its answer, with registries of several sizes. */
@State(Scope.Benchmark)
public class ReadBench {
    /** Feature services defined besides the shipped ones. */
    @Param({"0", "3000"})
    public int services;

    private Path work;
    private Ignite node;
    private FeatureRuntime runtime;
    private Object entities;

    @Setup(Level.Trial)
    public void start() throws IOException {
        work = Files.createTempDirectory("read-bench");
        StringBuilder text = new StringBuilder(Files.readString(TestNode.definitions()));
        for (int i = 0; i < services; i++) {
            text.append("  more_").append(i).append(": [cgm_hourly_stats_fresh, transformed_timestamp_fresh]\n");
        }
        Path definitions = Files.writeString(work.resolve("features.yaml"), text);
        node = new TestNode(work, "read-bench-" + services)
                .with("GRID_FEATURES", definitions.toString())
                .start("read-bench-" + services);
        ApiCaller.ready(node).push("online", 1, 1_391_581_982L, 111);
        runtime = new LocalService<>(node, FeatureStore.NAME, FeatureStoreService.class)
                .get()
                .runtime();
        entities = List.of(Map.of("subject_id", 1L));
    }

    @TearDown(Level.Trial)
    public void stop() {
        node.close();
    }

    @Benchmark
    public byte[] read() {
        OnlineAnswer answer = runtime.onlineIfLocal(Selection.of("cgm_activity_v3"), entities);
        if (answer == null) {
            throw new IllegalStateException("the row is not there");
        }
        return FeatureJson.columns(answer.table());
    }
}
