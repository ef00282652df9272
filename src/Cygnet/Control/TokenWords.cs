// How requests name objects of tokens. docs/vici.md.
namespace Cygnet.Control;

static class TokenWords
{
    /// <summary><c>handle</c> in hexadecimal, <c>slot</c> and <c>module</c>; null without a handle.</summary>
    public static TokenObject? Read(ViciSection section)
    {
        var text = section.Text("handle") ?? "";
        if (text.Length % 2 == 1) text = "0" + text;
        var id = new byte[text.Length / 2];
        return id.Length > 0 && Convert.FromHexString(text, id, out _, out _) == System.Buffers.OperationStatus.Done
            ? new(id, section.Number("slot", -1) is >= 0 and var slot ? slot : null, section.Text("module") is { Length: > 0 } module ? module : null) : null;
    }
}
