package io.glucogrid.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** A read allocates as much with 3,000 services in the registry as with two, by JMH's gc profiler. */
class ReadAllocationTest {
    @Test
    void whatAReadAllocatesDoesNotGrowWithTheRegistry() throws Exception {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(ReadBench.class.getName())
                        .forks(0)
                        .warmupIterations(2)
                        .warmupTime(TimeValue.milliseconds(400))
                        .measurementIterations(2)
                        .measurementTime(TimeValue.milliseconds(400))
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();

        Map<String, Double> bytesByServices = new TreeMap<>();
        for (RunResult result : results) {
            bytesByServices.put(
                    result.getParams().getParam("services"),
                    result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
        }
        System.out.println("bytes allocated by a read, by services in the registry: " + bytesByServices);
        assertThat(bytesByServices).hasSize(2);
        assertThat(bytesByServices.get("3000")).isLessThan(bytesByServices.get("0") * 1.25 + 256);
    }
}
