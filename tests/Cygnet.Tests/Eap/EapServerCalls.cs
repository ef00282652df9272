// Our servers always complete at once: tests ask them like the clients.
using Cygnet.Eap;

namespace Cygnet.Tests.Eap;

static class EapServerCalls
{
    public static EapStep First(this IEapServer server) => server.Begin() is { IsCompletedSuccessfully: true } step ? step.Result : throw new InvalidOperationException("not at once");

    public static EapStep GoOn(this IEapServer server) => server.Resume() is { IsCompletedSuccessfully: true } step ? step.Result : throw new InvalidOperationException("not at once");

    public static EapStep Next(this IEapServer server, byte[] packet) =>
        server.Receive(packet) is { IsCompletedSuccessfully: true } step ? step.Result : throw new InvalidOperationException("not at once");
}
