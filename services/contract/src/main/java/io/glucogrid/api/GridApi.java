package io.glucogrid.api;

/**
 * The grid's operations with JSON in and out, so that a thin client of any language can call them as an Ignite service. Each
 * takes and answers the same JSON as the HTTP endpoint of its name; errors are {@link io.glucogrid.grid.GridException}.
 */
public interface GridApi {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "grid-api";

    /** {@code POST /get_online_features}. */
    String getOnlineFeatures(String json);

    /** {@code POST /get_historical_features}. */
    String getHistoricalFeatures(String json);

    /** {@code POST /push_stream_event}. */
    String pushStreamEvent(String json);

    /** {@code POST /materialize}. */
    String materialize(String json);

    /** {@code POST /setup}: applies the node's definition files. */
    String setup(String json);

    /** {@code POST /teardown}. */
    String teardown(String json);

    /** {@code POST /predict}. */
    String predict(String json);

    /** {@code POST /push_and_predict}. */
    String pushAndPredict(String json);

    /** {@code GET /models}. */
    String models(String json);

    /** {@code POST /models/train}. */
    String train(String json);

    /** {@code POST /models/{name}/activate}, the name as {@code "model"}. */
    String activate(String json);

    /** {@code POST /models/{name}/rollback}, the name as {@code "model"}. */
    String rollbackModel(String json);

    /** {@code POST /models/shadow}. */
    String shadowModel(String json);

    /** {@code GET /models/{name}/export}, the name as {@code "model"}. */
    String exportModel(String json);

    /** {@code POST /models/import}. */
    String importModel(String json);

    /** {@code POST /models/{name}/remove}, the name as {@code "model"}. */
    String removeModel(String json);

    /** {@code GET /operating_points} where nothing is sent, {@code POST /operating_points}. */
    String operatingPoints(String json);

    /** {@code GET /definitions}, or {@code GET /definitions/{version}} with the version as {@code "version"}. */
    String definitions(String json);

    /** {@code POST /definitions/plan}: what given definition files would change. */
    String plan(String json);

    /** {@code POST /definitions/apply}: puts given definition files in force. */
    String apply(String json);

    /** {@code POST /definitions/rollback}: puts an earlier version in force again. */
    String rollback(String json);

    /** {@code POST /features/explain}: where each value of a feature service comes from. */
    String explain(String json);

    /** {@code POST /forget}: removes an entity for good, allows it again, or lists what was forgotten. */
    String forget(String json);

    /** {@code GET /status}: nodes, definitions, streams and tier. */
    String status(String json);
}
