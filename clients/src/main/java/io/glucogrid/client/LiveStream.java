package io.glucogrid.client;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An open {@code GET /live}: server-sent events, handed over one by one until the stream ends or is closed. */
public final class LiveStream implements AutoCloseable {
    private final CompletableFuture<HttpResponse<Void>> response;

    private LiveStream(CompletableFuture<HttpResponse<Void>> response) {
        this.response = response;
    }

    /** Called with the data of each event, on the client's own threads; it must not block. */
    public interface Listener {
        void event(String data);

        /** Called for each line that carries no event, such as a keep-alive comment. */
        default void beat() {}
    }

    static LiveStream open(HttpClient http, HttpRequest request, Listener listener) {
        return new LiveStream(http.sendAsync(request, info -> {
            Lines lines = new Lines(info.statusCode() == 200 ? listener : data -> {});
            return BodyHandlers.fromLineSubscriber(lines).apply(info);
        }));
    }

    /** Waits for the end of the stream; false where it is still open after {@code time}. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        try {
            response.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException open) {
            return false;
        } catch (ExecutionException broken) {
            return true;
        }
    }

    @Override
    public void close() {
        response.cancel(true);
    }

    /** Joins the {@code data:} lines of an event; an empty line ends it. */
    static final class Lines implements Flow.Subscriber<String> {
        private final Listener listener;
        private final StringBuilder data = new StringBuilder();

        Lines(Listener listener) {
            this.listener = listener;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            if (line.startsWith("data:")) {
                if (data.length() > 0) {
                    data.append('\n');
                }
                data.append(line, line.startsWith("data: ") ? 6 : 5, line.length());
            } else if (line.isEmpty() && data.length() > 0) {
                String event = data.toString();
                data.setLength(0);
                listener.event(event);
            } else {
                listener.beat();
            }
        }

        @Override
        public void onError(Throwable broken) {
            data.setLength(0);
        }

        @Override
        public void onComplete() {
            data.setLength(0);
        }
    }
}
