// What a command has to report: as text in the reference's layout, or as JSON.
using System.Text.Json;

namespace Cygnet.Command.Reports;

abstract class Report
{
    /// <summary>The text; nothing at all if there is nothing to report, where the reference does so too.</summary>
    public abstract void Write(TextWriter to);

    /// <summary>One JSON value.</summary>
    public abstract void Write(Utf8JsonWriter to);

    /// <summary>Prints the report in one of the two forms.</summary>
    public void Print(TextWriter to, bool json)
    {
        // A report comes as a whole: not a system call for each of its lines.
        var stream = to as StreamWriter;
        stream?.AutoFlush = false;
        try
        {
            if (json) to.Write($"{Json.Text(Write)}\n");
            else Write(to);
        }
        finally
        {
            stream?.AutoFlush = true;
        }
    }
}
