// The daemon's answers as JSON: sections as objects, lists as arrays, and numbers and flags as what they are.
using System.Text;
using System.Text.Json;
using Cygnet.Control;

namespace Cygnet.Command.Reports;

static class Json
{
    /// <summary>
    /// Keys that hold numbers. Named one by one: what only looks like a number (an SPI, an identity) must not change its type from one SA to the next.
    /// </summary>
    static readonly HashSet<string> s_numbers =
    [
        "uniqueid", "x-uniqueid", "reqid", "local-port", "remote-port", "local_port", "remote_port", "encr-keysize", "integ-keysize", "established", "rekey-time",
        "reauth-time", "life-time", "install-time", "bytes-in", "packets-in", "use-in", "bytes-out", "packets-out", "use-out", "esn", "rekey_time", "reauth_time",
        "rekey_bytes", "rekey_packets", "dpd_delay", "dpd_timeout", "priority", "size", "online", "offline", "total", "idle", "half-open", "critical", "high", "medium",
        "low", "scheduled", "sbrk", "mmap", "used", "free", "times", "ike-id",
    ];

    /// <summary>Keys that are there and "yes", or are not there.</summary>
    static readonly HashSet<string> s_flags =
        ["initiator", "encap", "nat-local", "nat-remote", "nat-fake", "nat-any", "ppk", "ppk_required", "per-cpu-sas", "x-aggressive", "loaded"];

    /// <summary>What <paramref name="write"/> writes, as indented text.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>A section as an object, without its name.</summary>
    public static void Write(Utf8JsonWriter to, ViciSection section)
    {
        to.WriteStartObject();
        Members(to, section);
        to.WriteEndObject();
    }

    /// <summary>Sections whose names may repeat: an array of objects, each with its name as first member.</summary>
    public static void Write(Utf8JsonWriter to, string member, IEnumerable<ViciSection> sections)
    {
        to.WriteStartArray(member);
        foreach (var section in sections)
        {
            to.WriteStartObject();
            if (!section.Has("name")) to.WriteString("name", section.Name);
            Members(to, section);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    public static void Strings(Utf8JsonWriter to, string member, IEnumerable<string> items)
    {
        to.WriteStartArray(member);
        foreach (var item in items) to.WriteStringValue(item);
        to.WriteEndArray();
    }

    static void Members(Utf8JsonWriter to, ViciSection section)
    {
        foreach (var element in section.Elements)
            switch (element)
            {
                case ViciSection { Name: "child-sas" or "children" } many: Write(to, many.Name, many.Sections); break;
                case ViciSection { Name: "leases" } many: // their names count them
                    to.WriteStartArray(many.Name);
                    foreach (var one in many.Sections) Write(to, one);
                    to.WriteEndArray();
                    break;
                case ViciSection inner:
                    to.WritePropertyName(inner.Name);
                    Write(to, inner);
                    break;
                case ViciList list:
                    to.WriteStartArray(list.Name);
                    foreach (var item in list.Items) to.WriteStringValue(Encoding.UTF8.GetString(item));
                    to.WriteEndArray();
                    break;
                case ViciValue value when s_flags.Contains(value.Name): to.WriteBoolean(value.Name, section.Boolean(value.Name)); break;
                case ViciValue value when s_numbers.Contains(value.Name) && value.Text is { } text && decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number):
                    to.WriteNumber(value.Name, number);
                    break;
                case ViciValue value: to.WriteString(value.Name, Encoding.UTF8.GetString(value.Value)); break;
            }
    }
}
