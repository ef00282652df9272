// Doing something inside another network namespace: a thread of its own enters it and ends there.
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Cygnet.Interop.Testbed;

/// <summary>A network namespace, named by one process that lives in it.</summary>
public sealed partial class NetNamespace(int pid)
{
    const int CloneNewNet = 0x40000000;

    /// <summary>Runs <paramref name="make"/> in the namespace; a socket made there stays there.</summary>
    public T Within<T>(Func<T> make)
    {
        T made = default!;
        Exception? failure = null;
        // setns changes the calling thread only: a thread of the pool would carry the namespace into other work.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/proc/{pid}/ns/net");
                if (SetNs(handle, CloneNewNet) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                made = make();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? made : throw new BedFailure($"in the namespace of {pid}: {failure.Message}", failure);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(SafeHandle fd, int type);
}
