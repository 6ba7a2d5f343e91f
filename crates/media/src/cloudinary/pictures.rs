//! Picture store with the `cloudinary` crate. Adds what the crate lacks: a timeout, a limit of concurrent calls, and a
//! result for every response.

use std::{collections::BTreeSet, error::Error, sync::Arc};

use ::cloudinary::upload::{OptionalParameters, Source, Upload, UploadResult};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    error::Source as Cause,
    picture::{Picture, PictureKey, PictureStore, PictureStoreError, limits::STORED_SIDE},
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
    error::{CloudinaryError, unparsed_json},
    fetch::{Fetch, Fetched},
};

/// Maximum number of concurrent calls.
const MAX_CALLS: usize = 8;

/// Stores pictures on Cloudinary, with the key as public id.
///
/// Discarding a picture also invalidates it in the CDN, which takes some minutes. Until then it may still be read.
pub struct CloudinaryPictures {
    settings: Arc<CloudinarySettings>,
    clock: Arc<dyn Clock>,
    upload: Arc<Upload>,
    calls: Arc<Semaphore>,
}

impl CloudinaryPictures {
    /// Creates a store in this account. Sends no request yet.
    #[must_use]
    pub fn new(settings: CloudinarySettings, clock: Arc<dyn Clock>) -> Self {
        let secret = settings.api_secret.expose_secret().to_owned();
        let upload = Upload::new(settings.api_key.clone(), settings.cloud_name.clone(), secret);
        Self {
            settings: Arc::new(settings),
            clock,
            upload: Arc::new(upload),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
        }
    }

    async fn upload(&self, key: &PictureKey, picture: &Picture) -> Result<(), CloudinaryError> {
        let public_id = key.as_str().to_owned();
        let options = BTreeSet::from([
            OptionalParameters::PublicId(public_id.clone()),
            OptionalParameters::Overwrite(true),
            OptionalParameters::Invalidate(true),
        ]);
        let source = Source::DataUrl(format!("data:image/jpeg;base64,{}", STANDARD.encode(&picture.jpeg)));
        let call = move |upload: Arc<Upload>| async move { Ok(upload.image(source, &options).await?) };
        let stored_id = match self.limited(call).await? {
            Ok(UploadResult::Response(response)) => response.public_id,
            Ok(UploadResult::ResponseWithImageMetadata(response)) => response.public_id,
            Ok(UploadResult::Error(error)) => return Err(self.reported_error(&error.error.message)),
            Err(error) => {
                let json = self.unparsed(error)?;
                json.get("public_id").and_then(|id| id.as_str()).ok_or(CloudinaryError::UnexpectedResponse)?.to_owned()
            }
        };
        if stored_id == public_id { Ok(()) } else { Err(CloudinaryError::WrongName) }
    }

    async fn destroy(&self, key: &PictureKey) -> Result<(), CloudinaryError> {
        let request = Destroy::new(&self.settings, &*self.clock, key.as_str());
        let answer = match self.limited(move |_| async move { Ok(request.send().await?) }).await? {
            Ok(answer) => answer,
            Err(error) => return Err(self.unparsed(error).err().unwrap_or(CloudinaryError::UnexpectedResponse)),
        };
        let texts = ["/result", "/error/message"].map(|path| answer.pointer(path).and_then(|text| text.as_str()));
        match texts {
            [Some("ok" | "not found"), _] => Ok(()),
            [_, Some(message)] | [Some(message), None] => Err(self.reported_error(message)),
            [None, None] => Err(CloudinaryError::UnexpectedResponse),
        }
    }

    async fn fetch(&self, key: &PictureKey) -> Result<Option<Vec<u8>>, CloudinaryError> {
        let request = Fetch::new(&self.settings, key.as_str());
        match self.limited(move |_| async move { Ok(request.send().await?) }).await? {
            Ok(Fetched::Picture(jpeg)) => Ok(Some(jpeg)),
            Ok(Fetched::NotFound) => Ok(None),
            Ok(Fetched::TooLarge) => Err(CloudinaryError::PictureTooLarge),
            Ok(Fetched::Status(status)) => Err(CloudinaryError::from_status(status)),
            Err(error) => Err(self.unparsed(error).err().unwrap_or(CloudinaryError::UnexpectedResponse)),
        }
    }

    /// Runs a call within the concurrency limit and the timeout. Runs on a blocking thread: the crate builds a new
    /// client for each call, and reads the certificates of the system from disk.
    async fn limited<Answer, Call>(
        &self,
        call: impl FnOnce(Arc<Upload>) -> Call + Send + 'static,
    ) -> Result<Result<Answer, Cause>, CloudinaryError>
    where
        Answer: Send + 'static,
        Call: Future<Output = Result<Answer, Cause>>,
    {
        let limit = self.settings.time_limit;
        let deadline = Instant::now() + limit;
        let (upload, calls, runtime) = (Arc::clone(&self.upload), Arc::clone(&self.calls), Handle::current());
        let permit_and_call = async move {
            // The semaphore is never closed. If it were, only the limit would be missing.
            let permit = calls.acquire_owned().await.ok();
            let call = move || {
                let _permit = permit;
                runtime.block_on(async { timeout_at(deadline, call(upload)).await })
            };
            spawn_blocking(call).await
        };
        match timeout_at(deadline, permit_and_call).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(_))) | Err(_) => Err(CloudinaryError::TimedOut(limit)),
            // `into` drops the message of a panic, which may contain parts of the response.
            Ok(Err(error)) => Err(CloudinaryError::TaskFailed(error.into())),
        }
    }

    /// Returns the JSON of a response that the crate could not parse, unless it is an error too.
    fn unparsed(&self, error: Cause) -> Result<serde_json::Value, CloudinaryError> {
        let mut causes = std::iter::successors(Some(&*error as &(dyn Error + 'static)), |&cause| cause.source());
        match causes.find_map(|cause| cause.downcast_ref::<reqwest::Error>()) {
            Some(cause) if cause.is_connect() => return Err(CloudinaryError::Unreachable(error)),
            Some(_) => return Err(CloudinaryError::Interrupted(error)),
            None => {}
        }
        let json = unparsed_json(&error.to_string()).ok_or(CloudinaryError::UnexpectedResponse)?;
        match json.pointer("/error/message").and_then(|message| message.as_str()) {
            Some(message) => Err(self.reported_error(message)),
            None => Ok(json),
        }
    }

    fn reported_error(&self, message: &str) -> CloudinaryError {
        CloudinaryError::from_message(message, &[self.settings.api_secret.expose_secret(), &self.settings.api_key])
    }
}

#[async_trait]
impl PictureStore for CloudinaryPictures {
    #[tracing::instrument(target = "spans", name = "put picture", skip_all, fields(otel.kind = "client"))]
    async fn put(&self, key: &PictureKey, picture: Picture) -> Result<(), PictureStoreError> {
        Ok(self.upload(key, &picture).await?)
    }

    #[tracing::instrument(target = "spans", name = "get picture", skip_all, fields(otel.kind = "client"))]
    async fn get(&self, key: &PictureKey) -> Result<Option<Vec<u8>>, PictureStoreError> {
        Ok(self.fetch(key).await?)
    }

    #[tracing::instrument(target = "spans", name = "discard picture", skip_all, fields(otel.kind = "client"))]
    async fn discard(&self, key: &PictureKey) -> Result<(), PictureStoreError> {
        Ok(self.destroy(key).await?)
    }

    fn url(&self, key: &PictureKey) -> String {
        let cloud_name = &self.settings.cloud_name;
        // As text, since the URL builder of the crate supports neither `f_auto` nor `q_auto`.
        let transformation = format!("c_fill,w_{STORED_SIDE},h_{STORED_SIDE},f_auto,q_auto");
        format!("https://res.cloudinary.com/{cloud_name}/image/upload/{transformation}/{}.jpg", key.as_str())
    }
}
