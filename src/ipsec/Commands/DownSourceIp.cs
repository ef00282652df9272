// ipsec down-srcip <start> [<end>]: ends the IKE_SAs of clients by their virtual addresses. ipsec(8).
using Cygnet.Control;
using Cygnet.Policy;

namespace Cygnet.Command.Commands;

static class DownSourceIp
{
    /// <summary>Prints nothing, and does not wait; only addresses that are none are complained of.</summary>
    public static void Run(IVici charon, TextWriter error, string start, string? end)
    {
        if (!Address.TryParse(start, out var first))
        {
            error.Write($"invalid start address: {start}\n");
            return;
        }
        var last = first;
        if (end is not null && !Address.TryParse(end, out last))
        {
            error.Write($"invalid end address: {end}\n");
            return;
        }
        foreach (var ike in Status.Events(charon, "list-sas", "list-sa"))
            if (ike.List("remote-vips").Any(text => Address.TryParse(text, out var vip) && vip.IsIPv6 == first.IsIPv6 && vip.IsIPv6 == last.IsIPv6 && vip.Bits >= first.Bits && vip.Bits <= last.Bits))
                charon.Call("terminate", new ViciSection().Add("ike-id", ike.Text("uniqueid")).Add("timeout", -1));
    }
}
