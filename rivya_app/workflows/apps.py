from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "rivya_app.workflows"
    verbose_name = "Workflows"

    def ready(self) -> None:
        from rivya_app.chat import abouts as talked_about
        from rivya_app.generations import origins as led_by
        from rivya_app.workflows import abouts, origins

        led_by.register("workflows", origins.of_job)
        talked_about.register("workflow", abouts.of_workflow)
