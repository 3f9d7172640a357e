package io.glucogrid.client.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.glucogrid.client.Json;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/**
 * Where something was measured: figures of a busy machine are not those of an idle one.
 *
 * @param load the machine's average of running processes over the last minute; negative where it is not known
 */
record Machine(double load, int cores, long memoryMb, String java, String os) {
    /** This machine now. */
    static Machine now() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        long bytes = system instanceof com.sun.management.OperatingSystemMXBean known ? known.getTotalMemorySize() : 0;
        return new Machine(
                system.getSystemLoadAverage(),
                system.getAvailableProcessors(),
                bytes >> 20,
                System.getProperty("java.version"),
                system.getName() + " " + system.getArch());
    }

    ObjectNode json() {
        return Json.object()
                .put("load", Math.round(load * 100) / 100.0)
                .put("cores", cores)
                .put("memory_mb", memoryMb)
                .put("java", java)
                .put("os", os);
    }
}
