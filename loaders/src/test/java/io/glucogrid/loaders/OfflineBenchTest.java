package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.cli.Benchmark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small run, in which all results are still compared with DuckDB's. */
class OfflineBenchTest {
    @Test
    void everyMarkHasAFigure(@TempDir Path folder) {
        List<String> steps = new ArrayList<>();

        List<Benchmark.Mark> marks = new OfflineBench().run(new Benchmark.Request(folder, 40_000, steps::add));

        assertThat(marks)
                .extracting(Benchmark.Mark::name)
                .contains(
                        "scan_against_duckdb",
                        "join_against_duckdb",
                        "join_of_uncompacted_against_duckdb",
                        "one_row_p50",
                        "write_per_core",
                        "compaction",
                        "row_size",
                        "heap",
                        "scan_growth");
        assertThat(marks).allMatch(mark -> mark.value() > 0 && Double.isFinite(mark.value()));
        assertThat(steps).filteredOn(step -> step.endsWith("all results equal")).hasSize(2);
    }
}
