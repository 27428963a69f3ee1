//! 读完剩下的: a browser that is cut off while it still sends shows a broken connection and not the refusal. What was refused is therefore
//! read to its end and thrown away, within measure, before the answer goes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use futures::stream::poll_fn;
use futures::{Stream, StreamExt as _};

/// Bytes read for nothing at most: some files beyond the limit of attachments still get their answer.
const MOST: usize = 64 << 20;
/// And no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request's body, of which the handler reads as much as it likes.
pub struct Rest(Arc<Mutex<BodyDataStream>>);

impl Rest {
    /// Keeps an eye on the body of a request; none where nothing comes, or where the sender waits to be asked for it.
    pub fn of(request: Request) -> (Request, Option<Rest>) {
        if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
            return (request, None);
        }
        let (parts, body) = request.into_parts();
        let stream = Arc::new(Mutex::new(body.into_data_stream()));
        let body = Body::from_stream(reader(stream.clone()));
        (Request::from_parts(parts, body), Some(Rest(stream)))
    }

    /// Reads what the handler left.
    pub async fn spill(self) {
        let reading = async {
            let (mut seen, mut rest) = (0, reader(self.0));
            while let Some(Ok(piece)) = rest.next().await {
                seen += piece.len();
                if seen > MOST {
                    break;
                }
            }
        };
        // Whoever is slower than this is cut off.
        let _ = tokio::time::timeout(PATIENCE, reading).await;
    }
}

fn reader(stream: Arc<Mutex<BodyDataStream>>) -> impl Stream<Item = <BodyDataStream as Stream>::Item> + Send + Unpin + 'static {
    poll_fn(move |context| stream.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    fn request() -> Request {
        let pieces = [Ok::<_, std::io::Error>("one"), Ok("two"), Ok("three")];
        Request::new(Body::from_stream(stream::iter(pieces)))
    }

    #[tokio::test]
    async fn what_a_handler_leaves_is_read() {
        let (request, rest) = Rest::of(request());
        let mut body = request.into_body().into_data_stream();
        assert_eq!(body.next().await.unwrap().unwrap(), "one");
        drop(body);
        let rest = rest.unwrap();
        let stream = rest.0.clone();
        rest.spill().await;
        assert!(reader(stream).next().await.is_none());
    }

    #[tokio::test]
    async fn a_handler_reads_it_whole() {
        let (request, _) = Rest::of(request());
        assert_eq!(axum::body::to_bytes(request.into_body(), 100).await.unwrap(), "onetwothree");
        assert!(Rest::of(Request::new(Body::empty())).1.is_none());
    }
}
