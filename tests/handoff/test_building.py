from tests import packing, reviewing


def test_try(shop, seller, manager):
    review = reviewing.approved(shop, seller, manager)
    package = packing.asked_for(seller, review, presets=("square", "marketplace", "story"))
    package = packing.built(package)
    print(package.state, package.trouble)
    for f in packing.files_of(package):
        print(f.name, f.size, f.width, f.height, f.mime_type, f.has_ai_tag, f.box, f.checks)
    from rivya_app.handoff import manifest, gate

    for name, text in manifest.texts(package):
        print(name)
        print(text.decode())
    print(gate.may_leave(package))
    assert 0
