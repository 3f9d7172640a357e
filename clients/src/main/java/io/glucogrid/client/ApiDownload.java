package io.glucogrid.client;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** An answer on its way to a file. */
public record ApiDownload(
        ApiClient client, HttpRequest request, Path answer, CompletableFuture<HttpResponse<Path>> response) {
    /**
     * Waits until the file is whole, at most for the client's deadline.
     *
     * @throws io.glucogrid.grid.GridException as any call of the client
     */
    public Path whole() {
        client.await(this);
        return answer;
    }
}
