package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ignite.Ignite;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.compute.ComputeJob;
import org.apache.ignite.compute.ComputeJobAdapter;
import org.apache.ignite.compute.ComputeJobResult;
import org.apache.ignite.compute.ComputeJobResultPolicy;
import org.apache.ignite.compute.ComputeTask;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that answers one JSON text on the node that received it. The answer is plain maps and lists, so that Ignite REST shows
 * it as JSON and not as a quoted text; an error is {@code {"status":…,"code":"…","detail":"…"}} instead of a stack trace.
 */
abstract class JsonTask implements ComputeTask<Object, Object> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(JsonTask.class);

    @IgniteInstanceResource
    private transient Ignite ignite;

    /** What the task does; named, because it goes through the grid's own machinery. */
    abstract Outcome answer(Operations operations, Map<String, @Nullable Object> request);

    @Override
    public final Map<? extends ComputeJob, ClusterNode> map(List<ClusterNode> nodes, @Nullable Object argument) {
        return Map.of(new Job(this, text(argument)), ignite.cluster().localNode());
    }

    @Override
    public final ComputeJobResultPolicy result(ComputeJobResult result, List<ComputeJobResult> received) {
        return ComputeJobResultPolicy.WAIT;
    }

    @Override
    public final @Nullable Object reduce(List<ComputeJobResult> results) {
        return results.get(0).getData();
    }

    private static String text(@Nullable Object argument) {
        Object given = argument instanceof Object[] several && several.length > 0 ? several[0] : argument;
        return given == null ? "" : given.toString();
    }

    private Object tree(Ignite node, String text) {
        try {
            Map<String, @Nullable Object> request = text.isBlank() ? Map.of() : Json.parseObject(text);
            Object plain = Json.plain(answer(new Operations(node), request).json());
            return plain == null ? Map.of() : plain;
        } catch (GridException failed) {
            if (!failed.code().isCallersFault()) {
                LOG.warn("rest task failed task={} code={}", getClass().getSimpleName(), failed.code(), failed);
            }
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("status", failed.code().httpStatus());
            error.put("code", failed.code().name());
            error.put("detail", failed.reason());
            return error;
        }
    }

    private static final class Job extends ComputeJobAdapter {
        private static final long serialVersionUID = 1L;

        @IgniteInstanceResource
        private transient Ignite ignite;

        private final JsonTask task;
        private final String text;

        Job(JsonTask task, String text) {
            this.task = task;
            this.text = text;
        }

        @Override
        public Object execute() {
            return task.tree(ignite, text);
        }
    }
}
