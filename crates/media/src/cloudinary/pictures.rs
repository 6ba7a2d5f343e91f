//! The picture store over the `cloudinary` crate, with what the crate lacks around it: a time limit, a bound
//! on calls at once, and an outcome for every answer.

use std::{collections::BTreeSet, error::Error, sync::Arc};

use ::cloudinary::upload::{OptionalParameters, Source, Upload, UploadResult};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    picture::{Picture, PictureKey, PictureStore, PictureStoreError},
    store::Source as Cause,
    time::Clock,
};
use secrecy::ExposeSecret;
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::{
    CloudinarySettings,
    destroy::Destroy,
    fault::{CloudinaryFault, unread_json},
};

const CALLS_AT_ONCE: usize = 8;
/// Written out because the crate's addresses know neither `f_auto` nor `q_auto`.
const TRANSFORMATION: &str = "c_fill,w_512,h_512,f_auto,q_auto";

/// Keeps pictures on Cloudinary, under the key as public id.
///
/// The CDN is told to forget what is discarded, which takes it some minutes.
pub struct CloudinaryPictures {
    settings: Arc<CloudinarySettings>,
    clock: Arc<dyn Clock>,
    upload: Arc<Upload>,
    calls: Arc<Semaphore>,
}

impl CloudinaryPictures {
    /// A store in this account; makes no request yet.
    #[must_use]
    pub fn new(settings: CloudinarySettings, clock: Arc<dyn Clock>) -> Self {
        let secret = settings.api_secret.expose_secret().to_owned();
        let upload = Upload::new(settings.api_key.clone(), settings.cloud_name.clone(), secret);
        Self {
            settings: Arc::new(settings),
            clock,
            upload: Arc::new(upload),
            calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
        }
    }

    async fn upload(&self, key: &PictureKey, picture: &Picture) -> Result<(), CloudinaryFault> {
        let public_id = key.as_str().to_owned();
        let options = BTreeSet::from([
            OptionalParameters::PublicId(public_id.clone()),
            OptionalParameters::Overwrite(true),
            OptionalParameters::Invalidate(true),
        ]);
        let source = Source::DataUrl(format!("data:image/jpeg;base64,{}", STANDARD.encode(&picture.jpeg)));
        let call = move |upload: Arc<Upload>| async move { Ok(upload.image(source, &options).await?) };
        let kept_as = match self.limited(call).await? {
            Ok(UploadResult::Response(response)) => response.public_id,
            Ok(UploadResult::ResponseWithImageMetadata(response)) => response.public_id,
            Ok(UploadResult::Error(error)) => return Err(self.said(&error.error.message)),
            Err(error) => {
                let json = self.unread(error)?;
                json.get("public_id").and_then(|id| id.as_str()).ok_or(CloudinaryFault::Unreadable)?.to_owned()
            }
        };
        if kept_as == public_id { Ok(()) } else { Err(CloudinaryFault::Misplaced) }
    }

    async fn destroy(&self, key: &PictureKey) -> Result<(), CloudinaryFault> {
        let request = Destroy::new(&self.settings, &*self.clock, key.as_str());
        let answer = match self.limited(move |_| async move { Ok(request.send().await?) }).await? {
            Ok(answer) => answer,
            Err(error) => return Err(self.unread(error).err().unwrap_or(CloudinaryFault::Unreadable)),
        };
        let words = ["/result", "/error/message"].map(|place| answer.pointer(place).and_then(|word| word.as_str()));
        match words {
            [Some("ok" | "not found"), _] => Ok(()),
            [_, Some(message)] | [Some(message), None] => Err(self.said(message)),
            [None, None] => Err(CloudinaryFault::Unreadable),
        }
    }

    /// Makes a call when its turn comes, within the time limit. The crate builds a new client for each call and
    /// with it reads the system's certificates from disk: so off the async workers.
    async fn limited<Answer, Call>(
        &self,
        call: impl FnOnce(Arc<Upload>) -> Call + Send + 'static,
    ) -> Result<Result<Answer, Cause>, CloudinaryFault>
    where
        Answer: Send + 'static,
        Call: Future<Output = Result<Answer, Cause>>,
    {
        let limit = self.settings.time_limit;
        let deadline = Instant::now() + limit;
        let (upload, calls, runtime) = (Arc::clone(&self.upload), Arc::clone(&self.calls), Handle::current());
        let turn_and_call = async move {
            // The semaphore is never closed; were it, the call would only lack its bound.
            let turn = calls.acquire_owned().await.ok();
            let call = move || {
                let _held = turn;
                runtime.block_on(async { timeout_at(deadline, call(upload)).await })
            };
            spawn_blocking(call).await
        };
        match timeout_at(deadline, turn_and_call).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(_))) | Err(_) => Err(CloudinaryFault::TimedOut(limit)),
            // `into` leaves out the words of a panic: they may hold some of the answer.
            Ok(Err(error)) => Err(CloudinaryFault::BrokeOff(error.into())),
        }
    }

    /// What is left of an answer that the crate gave up on: its JSON, unless that is an error too.
    fn unread(&self, error: Cause) -> Result<serde_json::Value, CloudinaryFault> {
        let mut causes = std::iter::successors(Some(&*error as &(dyn Error + 'static)), |&cause| cause.source());
        match causes.find_map(|cause| cause.downcast_ref::<reqwest::Error>()) {
            Some(cause) if cause.is_connect() => return Err(CloudinaryFault::Unreachable(error)),
            Some(_) => return Err(CloudinaryFault::Interrupted(error)),
            None => {}
        }
        let json = unread_json(&error.to_string()).ok_or(CloudinaryFault::Unreadable)?;
        match json.pointer("/error/message").and_then(|message| message.as_str()) {
            Some(message) => Err(self.said(message)),
            None => Ok(json),
        }
    }

    fn said(&self, message: &str) -> CloudinaryFault {
        CloudinaryFault::said(message, &[self.settings.api_secret.expose_secret(), &self.settings.api_key])
    }
}

#[async_trait]
impl PictureStore for CloudinaryPictures {
    #[tracing::instrument(target = "spans", name = "put picture", skip_all, fields(otel.kind = "client"))]
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        Ok(self.upload(key, &picture).await?)
    }

    #[tracing::instrument(target = "spans", name = "discard picture", skip_all, fields(otel.kind = "client"))]
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        Ok(self.destroy(key).await?)
    }

    fn url(&self, key: &PictureKey) -> String {
        let cloud_name = &self.settings.cloud_name;
        format!("https://res.cloudinary.com/{cloud_name}/image/upload/{TRANSFORMATION}/{}.jpg", key.as_str())
    }
}
