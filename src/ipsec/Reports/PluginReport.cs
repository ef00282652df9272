// The modules of the daemon with what each provides and needs. ipsec(8), listplugins.
using System.Text.Json;
using Cygnet.Control;

namespace Cygnet.Command.Reports;

sealed class PluginReport(IVici charon) : Report
{
    // A daemon of another make tells their names only.
    readonly List<ViciSection> _modules = charon.Call("x-list-plugins") is { } answer ? [.. answer.Sections]
        : [.. (charon.Call("stats")?.List("plugins") ?? []).Select(name => new ViciSection(name))];

    public override void Write(TextWriter to)
    {
        to.Write("\nList of loaded Plugins:\n\n");
        foreach (var module in _modules)
        {
            to.Write($"{module.Name}:\n");
            foreach (var feature in module.Sections)
                to.Write(feature.Text("kind") switch
                {
                    "provide" => $"    {feature.Text("feature")}{(feature.Boolean("loaded", true) ? "" : " (not loaded)")}\n",
                    "soft" => $"        {feature.Text("feature")} (soft)\n",
                    _ => $"        {feature.Text("feature")}\n",
                });
        }
    }

    public override void Write(Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var module in _modules)
        {
            to.WriteStartArray(module.Name);
            foreach (var feature in module.Sections) Json.Write(to, feature);
            to.WriteEndArray();
        }
        to.WriteEndObject();
    }
}
