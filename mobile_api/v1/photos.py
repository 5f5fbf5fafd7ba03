"""Approved photos, as files. The name is a hash of the content; what was withdrawn is gone."""

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.towns import host_town
from mobile_api.permissions import Everybody
from mobile_api.problems import Problem
from mobile_api.v1 import documentation
from mobile_api.v1.base import ApiView
from reports import photo_storage
from reports.queries import public
from reports.queries.public_facts import PhotoFile


class PhotoView(ApiView):
    """`/photos/{name}`."""

    permission_classes = [Everybody]

    @documentation.READ_PHOTO
    def get(self, request: Request, name: str) -> HttpResponse:
        """The bytes, if the photo is public now. Caches may keep them for a minute."""
        here = host_town(request._request)
        file = public.photo_file(name, here.slug if here else None)
        if file is None:
            raise Problem("not_found")
        try:
            content = photo_storage.read_derivative(file.name)
        except FileNotFoundError:
            raise Problem("not_found") from None  # withdrawn between two steps
        return HttpResponse(
            content,
            content_type=file.content_type,
            headers={
                "Content-Disposition": f'inline; filename="{_file_name(file)}"',
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )


def _file_name(file: PhotoFile) -> str:
    ascii_number = file.number.encode("ascii", "ignore").decode()
    return f"{ascii_number}-{file.width}.{file.name.rpartition('.')[2]}"
